from __future__ import annotations

from pathlib import Path

import pytest

from bridge.settings import AgiSettings, AsteriskSettings, Settings
from bridge.settings_source import load
from bridge.tables import TableError


def from_text(tmp_path: Path, text: str, **environ: str) -> Settings:
    file = tmp_path / "bridge.toml"
    file.write_text(text)
    return load(file, environ)


def error(tmp_path: Path, text: str = "", **environ: str) -> str:
    with pytest.raises(TableError) as caught:
        from_text(tmp_path, text, **environ)
    return str(caught.value)


def test_without_a_file_the_defaults_are_in_force(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bridge.settings_source.DEFAULT_PATH", tmp_path / "bridge.toml")
    assert load(None, {}) == Settings()


def test_the_usual_file_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bridge.toml").write_text("[http]\nport = 9")
    monkeypatch.setattr("bridge.settings_source.DEFAULT_PATH", tmp_path / "bridge.toml")
    assert load(None, {}).http.port == 9


def test_the_environment_names_the_file_and_an_argument_wins(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[http]\nport = 1")
    (tmp_path / "b.toml").write_text("[http]\nport = 2")
    environ = {"AGENT_BRIDGE_CONFIG": str(tmp_path / "a.toml")}
    assert load(None, environ).http.port == 1
    assert load(tmp_path / "b.toml", environ).http.port == 2


def test_a_file_that_is_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"cannot read .*none.toml: No such file"):
        load(tmp_path / "none.toml", {})
    with pytest.raises(TableError, match="cannot read"):
        load(None, {"AGENT_BRIDGE_CONFIG": str(tmp_path / "none.toml")})


def test_the_environment_goes_over_the_file(tmp_path: Path) -> None:
    text = "[http]\nport = 1\nhost = '10.0.0.1'"
    found = from_text(
        tmp_path,
        text,
        AGENT_BRIDGE_HTTP__PORT="2",
        AGENT_BRIDGE_SITE__ALLOWED_COUNTRIES="US, CA",
        AGENT_BRIDGE_ASTERISK__TLS="true",
        AGENT_BRIDGE_EVENTS__RETENTION_DAYS="0.5",
    )
    assert (found.http.port, found.http.host) == (2, "10.0.0.1")
    assert found.site.allowed_countries == ("US", "CA")
    assert found.asterisk[0].tls is True
    assert found.events.retention_days == 0.5


def test_one_of_several_asterisks_is_named_in_the_variable(tmp_path: Path) -> None:
    text = "[[asterisk]]\nname = 'east'\n[[asterisk]]\nname = 'far-west'"
    found = from_text(tmp_path, text, AGENT_BRIDGE_ASTERISK__FAR_WEST__HOST="10.0.0.9")
    assert [server.host for server in found.asterisk] == ["127.0.0.1", "10.0.0.9"]
    assert "name one of the servers (east, far-west)" in error(
        tmp_path, text, AGENT_BRIDGE_ASTERISK__HOST="x"
    )
    assert "did you mean 'east'?" in error(tmp_path, text, AGENT_BRIDGE_ASTERISK__EAS__HOST="x")


def test_one_asterisk_needs_no_second_bracket(tmp_path: Path) -> None:
    assert from_text(tmp_path, "[asterisk]\nhost = 'pbx'").asterisk[0].host == "pbx"


def test_secrets_come_from_files_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "ami.secret").write_text("from-a-file\n")
    (tmp_path / "store.url").write_text("postgresql://u:pw@db/bridge\n")
    text = "[asterisk]\nsecret_file = 'ami.secret'\n[store]\nurl_file = 'store.url'"
    found = from_text(tmp_path, text)
    assert found.asterisk[0].secret.reveal() == "from-a-file"
    assert found.store.url.reveal() == "postgresql://u:pw@db/bridge"


def test_certificates_stand_beside_the_settings_or_are_named_in_full(tmp_path: Path) -> None:
    text = "[http]\ntls_cert = 'http.pem'\ntls_key = '/keys/http.key'\n[asterisk]\ntls_ca = 'own/ca.pem'\n"
    found = from_text(tmp_path, text, AGENT_BRIDGE_MQTT__TLS_CA="ca.pem")
    assert (found.http.tls_cert, found.http.tls_key) == (f"{tmp_path}/http.pem", "/keys/http.key")
    assert found.asterisk[0].tls_ca == f"{tmp_path}/own/ca.pem"
    assert found.mqtt.tls_ca == f"{tmp_path}/ca.pem"
    assert (found.agi.tls_cert, found.mqtt.tls_cert) == ("", "")


def test_a_secret_in_the_environment_wins_over_the_file_of_the_settings(tmp_path: Path) -> None:
    text = "[asterisk]\nsecret_file = 'not-there'"
    found = from_text(tmp_path, text, AGENT_BRIDGE_ASTERISK__SECRET="from-outside")
    assert found.asterisk[0].secret.reveal() == "from-outside"


def test_no_secret_is_ever_shown(tmp_path: Path) -> None:
    text = "[asterisk]\nsecret='topsecret'\nview_secret='topsecret'\n[agi]\nsecret='topsecret'"
    text += "\n[store]\nurl='postgresql://u:topsecret@db/x'\n[mqtt]\nurl='mqtt://u:topsecret@broker'"
    found = from_text(tmp_path, text)
    assert "topsecret" not in repr(found)
    assert "topsecret" not in repr(found.asterisk[0].ami())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[htp]\nport=1", "htp: unknown section; did you mean 'http'?"),
        ("[http]\nprt=1", "http.prt: unknown key; did you mean 'port'?"),
        ("http=3", "http: expected table, got int"),
        ("[http]\nport=0", "http.port: expected int >= 1"),
        ("[mqtt]\npersonal='some'", "mqtt.personal: invalid enum value 'some'"),
        ("[mqtt]\npersonal='hash'\nhash_key='short'", "mqtt: hash_key: personal = 'hash' needs one of 32"),
        ("[log]\nlevel='loud'", "log.level: invalid enum value 'loud'"),
        ("[site]\ncountry='usa'", "site: country: 'usa' is no country"),
        ("[site]\nallowed_countries=['US','XX']", "site: allowed_countries: 'XX' is no country"),
        ("[site]\ntimezone='Mars'", "site: timezone: 'Mars' is not known"),
        ("[mqtt]\nprefix='a/#'", "mqtt.prefix: expected text matching regex"),
        ("[mqtt]\nurl='mqtt://u:pa[ss@broker'", "mqtt: url: its host or port cannot be read"),
        ("[mqtt]\nurl='mqtt://broker:port'", "mqtt: url: its host or port cannot be read"),
        ("[asterisk]\nname='a b'", "asterisk[0].name: expected text matching regex"),
        ("[asterisk]\nping_interval=0", "asterisk[0].ping_interval: expected float > 0"),
        (
            "[console]\nframe_origins=['https://crm.example/x']",
            "console: frame_origins: 'https://crm.example/x'",
        ),
        ("[console]\nframe_origins=['*']", "console: frame_origins: '*' is no origin"),
        ("[console]\nhours=0", "console.hours: expected float > 0"),
        ("asterisk=[]", "asterisk: at least one server"),
        ("[[asterisk]]\n[[asterisk]]", "asterisk: at least one server, each with a name of its own"),
        ("[agi]\nallow=['10.0.0.0/33']", "agi: allow: '10.0.0.0/33' is no address or network"),
        ("[agi]\nhost='0.0.0.0'", "agi: host: 0.0.0.0 is not loopback: give a secret, or allow"),
        ("[asterisk]\nsecret='x'\nsecret_file='y'", "asterisk.secret_file: secret is given as well"),
        ("[asterisk]\nsecret_file='none'", "asterisk.secret_file: cannot read"),
    ],
)
def test_an_error_in_the_file_names_the_key_and_the_mend(tmp_path: Path, text: str, message: str) -> None:
    assert error(tmp_path, text).startswith(message)


def test_an_empty_secret_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    assert error(tmp_path, "[asterisk]\nsecret_file='empty'") == "asterisk.secret_file: empty is empty"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("AGENT_BRIDGE_HTP__PORT", "there is no section 'htp'; did you mean 'http'?"),
        ("AGENT_BRIDGE_HTTP__PROT", "there is no field 'prot'; did you mean 'port'?"),
        ("AGENT_BRIDGE_HTTP__A__PORT", "AGENT_BRIDGE_HTTP__<FIELD> has no further part"),
        ("AGENT_BRIDGE_HTTP_PORT", "needs two underscores behind the section: AGENT_BRIDGE_HTTP__PORT"),
    ],
)
def test_an_error_in_the_environment_names_the_variable(tmp_path: Path, name: str, message: str) -> None:
    assert error(tmp_path, "", **{name: "1"}) == f"{name}: {message}"


def test_variables_of_others_are_passed_over(tmp_path: Path) -> None:
    others = {"AGENT_BRIDGE_TEST_POSTGRES": "x", "AGENT_BRIDGE_AMI_SECRET": "x", "HTTP__PORT": "x"}
    assert from_text(tmp_path, "", **others) == Settings()


def test_the_ami_engine_gets_what_it_needs() -> None:
    server = AsteriskSettings(name="west", host="pbx", port=5039, tls=True, tls_server_name="pbx.example")
    ami = server.ami()
    assert (ami.name, ami.host, ami.port, ami.user) == ("west", "pbx", 5039, "bridge")
    assert ami.tls is not None
    assert ami.tls.check_hostname
    assert ami.tls_server_name == "pbx.example"
    assert AsteriskSettings().ami().tls is None


def test_looking_on_needs_its_own_secret(tmp_path: Path) -> None:
    text = "[asterisk]\nsecret='one'\nview_secret='two'"
    server = from_text(tmp_path, text).asterisk[0]
    assert (server.ami(view=True).user, server.ami(view=True).secret) == ("bridge-view", "two")
    assert (server.ami().user, server.ami().secret) == ("bridge", "one")
    assert AsteriskSettings().ami(view=True).user == "bridge"


def test_browsers_register_where_a_websocket_is_named(tmp_path: Path) -> None:
    assert AsteriskSettings().browsers() is None
    text = "[asterisk]\nwebsocket_url = 'wss://pbx.example:8089/ws'\nice_servers = ['stun:stun.example:3478']"
    server = from_text(tmp_path, text).asterisk[0].browsers()
    assert server == ("wss://pbx.example:8089/ws", "pbx.example", ("stun:stun.example:3478",))
    named = from_text(tmp_path, text + "\nsip_domain = 'sip.example'").asterisk[0].browsers()
    assert named is not None
    assert named.domain == "sip.example"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("websocket_url = 'https://pbx.example/ws'", "websocket_url"),
        ("websocket_url = 'wss://user:secret@pbx.example/ws'", "websocket_url"),
        ("websocket_url = \"wss://pbx.example; script-src 'unsafe-inline'\"", "websocket_url"),
        ("websocket_url = 'wss://x/ws'\nice_servers = ['turn:turn.example']", "no STUN server"),
        ("websocket_url = 'wss://x/ws'\nice_servers = ['stun.example']", "as in stun:stun.example:3478"),
        ("websocket_url = 'wss://x/ws'\nsip_domain = 'a b'", "sip_domain"),
        ("sip_domain = 'pbx.example'", "websocket_url: sip_domain and ice_servers are of no use without it"),
    ],
)
def test_a_websocket_that_no_browser_could_use_is_refused(tmp_path: Path, text: str, says: str) -> None:
    assert says in error(tmp_path, f"[asterisk]\n{text}")


def test_agi_speaks_tls_only_with_a_certificate() -> None:
    assert AgiSettings().certificate() is None
    with pytest.raises(OSError, match="No such file"):
        AgiSettings(tls_cert="/none.pem").certificate()
