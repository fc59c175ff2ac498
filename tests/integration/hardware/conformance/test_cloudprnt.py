from tests.integration.hardware.conformance.cloudprnt_cases import CASES
from tests.integration.hardware.conformance.suite import conformance_tests, fault_tests

test_conformance = conformance_tests(CASES)
test_faults = fault_tests(CASES)
