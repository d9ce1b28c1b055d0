#![expect(clippy::unwrap_used, reason = "tests")]

use std::{fs, path::Path, time::Duration};

use super::*;

fn load(toml: &str) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    load_in(folder.path(), toml)
}

fn load_in(folder: &Path, toml: &str) -> Result<Config, ConfigError> {
    let path = folder.join("weir.toml");
    fs::write(&path, toml).unwrap();
    let overrides = Overrides { config: Some(path), ..Overrides::default() };
    Config::load(&overrides, &Environment::of(&[("HOME", "/home/ana"), ("PASSWORD", "hunter2")]))
}

/// One broker with a name, a URL and more lines.
fn broker(lines: &str) -> String {
    format!("[[brokers]]\nname = \"a\"\n{lines}\n")
}

#[test]
fn given_the_example_when_read_then_it_is_valid_and_says_what_it_shows() {
    let config = load(include_str!("../../../weir.example.toml")).unwrap();
    let names: Vec<&str> = config.brokers.iter().map(|b| b.name.as_str()).collect();
    assert_eq!(names, ["orders", "cache", "log", "demo"]);
    assert_eq!(config.brokers[1].databases, [0]);
    assert_eq!(config.brokers[2].hosts.len(), 2);
    assert_eq!(config.brokers[2].options["security.protocol"], "PLAINTEXT");
}

#[test]
fn given_nothing_when_loaded_then_the_defaults_hold() {
    let config = load("").unwrap();
    assert_eq!((config.listen, config.brokers.len()), (DEFAULT_LISTEN, 0));
    assert_eq!(config.data_dir, Path::new("/home/ana/.local/share/weir"));
}

#[test]
fn given_a_mistake_in_the_file_when_loaded_then_line_key_problem_and_way_out_are_told() {
    for (toml, expected) in [
        ("lisen = \"x\"".to_owned(), ["weir.toml:1: lisen", "no such key", "did you mean listen"]),
        (
            "[[brokers]]\nname = \"A b\"\nurl = \"demo://\"".to_owned(),
            [":2: brokers[0].name", "no name", "a-z, 0-9"],
        ),
        ("[[brokers".to_owned(), ["weir.toml:1", "", "weir.example.toml"]),
        ("listen = \"0.0.0.0:80\"".to_owned(), ["weir.toml:1: listen", "other machines", "ssh -L"]),
        ("\"\" = 1".to_owned(), ["weir.toml:1: \"\"", "no such key", "known are listen"]),
        (
            "listen = \"127.0.0.1\"".to_owned(),
            ["weir.toml:1: listen", "no address with a port", "127.0.0.1:9347"],
        ),
    ] {
        tells(&toml, expected);
    }
}

#[test]
fn given_a_mistake_in_a_broker_when_loaded_then_line_field_problem_and_way_out_are_told() {
    let url = "url = \"redis://h\"";
    for (keys, expected) in [
        (
            format!("{url}\npol_interval = \"5s\""),
            ["weir.toml:4: pol_interval", "no such key", "did you mean poll_interval"],
        ),
        (format!("{url}\npassword = \"hunter2\""), ["weir.toml:4: password", "no such key", "password_file"]),
        (
            "url = \"http://h\"".to_owned(),
            ["weir.toml:3: brokers[0].url", "\"http\" is no scheme", "amqp, amqps"],
        ),
        ("url = \"redis://a,b\"".to_owned(), [":3: brokers[0].url", "takes one host", "[[brokers]]"]),
        (
            format!("{url}\npoll_interval = \"1s\""),
            [":4: brokers[0].poll_interval", "out of range", "2s to 5m"],
        ),
        (
            format!("{url}\npoll_interval = \"301s\""),
            [":4: brokers[0].poll_interval", "out of range", "2s to 5m"],
        ),
        (
            format!("{url}\npoll_interval = 5"),
            [":4: poll_interval", "expected a string", "weir.example.toml"],
        ),
        (format!("{url}\nforget_after = \"week\""), [":4: brokers[0].forget_after", "no duration", "7d"]),
        (
            format!("{url}\noptions = {{ a = 1 }}"),
            [":4: brokers[0].options", "has no use for it", "leave it out"],
        ),
        (format!("{url}\ntls_ca_file = \"ca.pem\""), [":4: brokers[0].tls_ca_file", "no use", "rediss://"]),
        (
            "url = \"rediss://h\"\ntls_ca_file = \"ca.pem\"".to_owned(),
            ["tls_ca_file", "can't be read", "readable file"],
        ),
        (format!("{url}\npassword_file = \"none\""), ["password_file", "can't be read", "readable file"]),
        ("url = \"redis://h/x\"".to_owned(), [":3: brokers[0].url", "no number of a database", "/0"]),
        (
            "url = \"redis://${NONE}@h\"".to_owned(),
            [":3: brokers[0].url", "NONE is not set", "password_file"],
        ),
        (String::new(), ["url", "missing", "every [[brokers]] needs url"]),
    ] {
        tells(&broker(&keys), expected);
    }
}

/// Loading has to fail in words that hold all that is expected, and no secret.
fn tells(toml: &str, expected: [&str; 3]) {
    let said = load(toml).unwrap_err().to_string();
    for part in expected {
        assert!(said.contains(part), "{toml}\n{said}\nlacks {part}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn given_a_url_where_it_does_not_belong_when_loaded_then_its_account_is_not_repeated() {
    for (toml, field) in [
        ("brokers = \"amqp://ana:hunter2@h\"", "brokers"),
        ("brokers = [\n  \"amqp://ana:hunter2@h\",\n]", "config"),
        ("[[brokers]]\nname = \"amqp://ana:hunter2@h\"\nurl = \"demo://\"", "brokers[0].name"),
        ("\"amqp://ana:hunter2@h\" = 1", "amqp://•••@h"),
    ] {
        let error = load(toml).unwrap_err();
        assert_eq!(error.field, field, "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn given_two_brokers_of_one_name_when_loaded_then_the_second_is_refused() {
    let one = "[[brokers]]\nname = \"a\"\nurl = \"demo://\"\n";
    let said = load(&format!("{one}{one}")).unwrap_err().to_string();
    assert!(said.contains("weir.toml:5: brokers[1].name: brokers[0] is called \"a\" too"), "{said}");
}

#[test]
fn given_secrets_in_file_and_environment_when_loaded_then_they_are_read_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), "hunter2\n").unwrap();
    let toml = "[[brokers]]\nname = \"a\"\nurl = \"amqp://ana@h\"\npassword_file = \"secret\"\n\
                [[brokers]]\nname = \"b\"\nurl = \"redis://:${PASSWORD}@h\"\n\
                [[brokers]]\nname = \"c\"\nurl = \"kafka://h\"\noptions = { \"sasl.password\" = \"${PASSWORD}\" }\n";
    let config = load_in(folder.path(), toml).unwrap();
    assert_eq!(config.brokers[0].password.reveal(), "hunter2");
    assert_eq!(config.brokers[1].password.reveal(), "hunter2");
    assert_eq!(config.brokers[2].options["sasl.password"], "hunter2");
    assert!(!format!("{:?}", config.brokers[0]).contains("hunter2"));
    assert_eq!(config.brokers[0].display_url(), "amqp://h:5672");
}

#[test]
fn given_a_flag_when_the_file_says_otherwise_then_the_flag_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weir.toml");
    fs::write(&path, "listen = \"127.0.0.1:1\"\ndata_dir = \"data\"\n").unwrap();
    let overrides = Overrides { config: Some(path), listen: Some("localhost:0".to_owned()), data_dir: None };
    let config = Config::load(&overrides, &Environment::default()).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:0");
    assert_eq!(config.data_dir, folder.path().join("data"));
}

#[test]
fn given_every_setting_when_loaded_then_it_reaches_the_adapter() {
    let toml = broker(
        "url = \"valkeys://ana:x@[::1]:7000\"\ndatabases = [1, 2]\ninclude = [\"list:q*\"]\n\
         poll_interval = \"5m\"\nread_only = true\nforget_after = \"1d\"",
    );
    let broker = &load(&toml).unwrap().brokers[0];
    assert_eq!(broker.hosts, [("::1".to_owned(), 7000)]);
    assert_eq!((broker.databases.as_slice(), broker.include[0].as_str()), (&[1, 2][..], "list:q*"));
    assert_eq!(broker.poll_interval, Duration::from_secs(300));
    assert!(broker.read_only && broker.tls());
    assert_eq!(broker.forget_after, Duration::from_secs(86_400));
}
