from __future__ import annotations

import ssl
import stat
import time
from pathlib import Path

import pytest
import requests
import trustme
from cryptography import x509

from program.errors import ProgramError
from store_server.contract.client import StoreClient, StoreUnreachableError
from store_server.services.shop_ca import days_left, make_certificates
from tests.integration.store_server.server_process import ServerProcess


def with_tls(server: ServerProcess) -> Path:
    """Make the authority and a certificate, and put them into the settings; return their folder."""
    server.run("make-ca", "--host", "store.example")
    tls = server.folder / "data" / "tls"
    text = server.settings.read_text(encoding="utf-8")
    told = f'[server]\ntls_certificate = "{tls / "server.pem"}"\ntls_key = "{tls / "server.key"}"\n'
    server.settings.write_text(text.replace("[server]\n", told), encoding="utf-8")
    return tls


def test_devices_trust_the_shops_authority_and_no_other(own_server: ServerProcess, tmp_path: Path) -> None:
    tls = with_tls(own_server)
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tls.iterdir() if path.suffix == ".key"} == {
        "ca.key": 0o600,
        "server.key": 0o600,
    }
    own_server.start()
    assert own_server.url.startswith("https://")
    token = own_server.tokens["kiosk-1"]
    assert StoreClient(own_server.url, token, ca=tls / "ca.pem").shop().shop_id == 1
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    for client in (StoreClient(own_server.url, token, ca=other), StoreClient(own_server.url, token)):
        with pytest.raises(StoreUnreachableError, match=r"(?i)certificate"):
            client.shop()
    with pytest.raises(StoreUnreachableError):
        StoreClient(own_server.url.replace("https", "http"), token).shop()
    assert own_server.stop() == 0


def test_several_processes_serve_with_one_certificate(many: ServerProcess) -> None:
    ca = with_tls(many) / "ca.pem"
    many.start()
    assert many.url.startswith("https://")
    asked = [StoreClient(many.url, many.tokens["kiosk-1"], ca=ca) for _ in range(8)]
    assert {client.shop().shop_id for client in asked} == {1}
    assert requests.get(f"{many.url}/health", verify=str(ca), timeout=5).ok
    page = requests.get(f"{many.url}/staff/", verify=str(ca), timeout=10)
    assert page.ok
    assert page.url.startswith("https://")
    assert page.url.split("/staff")[0] != many.url
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{many.url}/health", timeout=5)
    assert many.stop() == 0
    assert "Traceback" not in many.log()


def test_a_renewed_certificate_keeps_the_authority(tmp_path: Path) -> None:
    now_s = int(time.time())
    files = make_certificates(tmp_path / "tls", "Market", ["store.example", "10.0.0.2"], now_s)
    ca, first = files.ca.read_bytes(), files.certificate.read_bytes()
    make_certificates(tmp_path / "tls", "Market", ["store.example"], now_s + 300 * 86_400)
    assert files.ca.read_bytes() == ca
    assert files.certificate.read_bytes() != first
    assert days_left(files.certificate, now_s) == 697


def test_an_authority_is_never_replaced_because_its_key_is_kept_elsewhere(tmp_path: Path) -> None:
    now_s = int(time.time())
    files = make_certificates(tmp_path / "tls", "Market", ["store.example"], now_s)
    before = {path.name: path.read_bytes() for path in files.folder.iterdir()}
    key = files.ca_key.rename(tmp_path / "ca.key")
    with pytest.raises(ProgramError, match=r"Bring it back.*or move .*ca\.pem away"):
        make_certificates(tmp_path / "tls", "Market", ["store.example"], now_s + 1)
    key.rename(files.ca_key)
    assert {path.name: path.read_bytes() for path in files.folder.iterdir()} == before
    files.ca.unlink()
    make_certificates(tmp_path / "tls", "Market", ["store.example"], now_s + 1)
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    for certificate in (before["server.pem"], files.certificate.read_bytes()):
        x509.load_pem_x509_certificate(certificate).verify_directly_issued_by(authority)


def test_a_damaged_server_key_is_made_anew_and_a_damaged_authority_is_told(tmp_path: Path) -> None:
    now_s = int(time.time())
    files = make_certificates(tmp_path / "tls", "Market", ["store.example"], now_s)
    files.key.write_bytes(b"half a k")
    make_certificates(tmp_path / "tls", "Market", ["store.example"], now_s)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.certificate, files.key)
    files.ca_key.write_bytes(b"half a k")
    with pytest.raises(ProgramError, match="cannot be made or read"):
        make_certificates(tmp_path / "tls", "Market", ["store.example"], now_s)
    make_certificates(tmp_path / "other", "Market", ["store.example"], now_s)
    with pytest.raises(ProgramError, match="too old"):
        make_certificates(tmp_path / "other", "Market", ["store.example"], now_s + 4000 * 86_400)


def test_a_certificate_that_is_none_is_told(own_server: ServerProcess, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate", encoding="utf-8")
    text = own_server.settings.read_text(encoding="utf-8")
    told = f'[server]\ntls_certificate = "{bad}"\n'
    own_server.settings.write_text(text.replace("[server]\n", told), encoding="utf-8")
    assert "belong together" in own_server.run("serve", succeeds=False).stderr
    own_server.settings.write_text(text.replace("[server]\n", f'{told}tls_key = "{bad}"\n'), encoding="utf-8")
    done = own_server.run("serve", succeeds=False)
    assert done.returncode == 2
    assert "make-ca" in done.stderr
