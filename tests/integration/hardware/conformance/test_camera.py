from tests.integration.hardware.conformance.camera_cases import CASES
from tests.integration.hardware.conformance.suite import fault_tests

test_faults = fault_tests(CASES)
