"""Two catflaps agree on the hybrid group, and their events say so."""


def test_both_ends_tell_the_hybrid_group(pair, connect, echo):
    """A client relay and a server relay agree on X25519MLKEM768 without being asked to."""
    client, server = pair("TCP-LISTEN:0", f"TCP:127.0.0.1:{echo.port}")
    assert connect(client.port).ask(b"hello") == b"hello"
    assert client.wait_for("opened")["far_tls"] == {
        "version": "TLSv1.3",
        "cipher": "TLS_AES_256_GCM_SHA384",
        "group": "X25519MLKEM768",
        "resumed": False,
    }
    assert server.wait_for("opened")["tls"]["group"] == "X25519MLKEM768"


def test_events_name_both_identities(pair, connect, echo):
    """Each side's event carries the other's certificate: subject, names, serial, expiry."""
    client, server = pair("TCP-LISTEN:0", f"TCP:127.0.0.1:{echo.port}")
    assert connect(client.port).ask(b"hello") == b"hello"
    seen = server.wait_for("opened")["certificate"]
    assert seen["subject"] == "CN=client"
    assert "client.example" in str(seen["names"])
    assert "spiffe://test.example/client" in str(seen["names"])
    assert seen["serial"]
    assert seen["expires"]
    assert client.wait_for("opened")["far_certificate"]["subject"] == "CN=localhost"
