//! A Redis with one answer made up.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    answers::{Answers, MadeUp, Script, recorded},
    stage::Stage,
};

/// What a real server answered, by the beginnings of commands.
const RECORDED: &str = include_str!("answers/redis.json");

thread_local! {
    static STAGE: (Answers, Stage) = {
        let answers = recorded(RECORDED);
        let script = Script::new(&answers, written);
        (answers, Stage::new("redis", script, serve))
    };
}

/// Looks at a server that answers one command with what is made up.
pub fn redis(data: &[u8]) {
    STAGE.with(|(answers, stage)| {
        if let Some(made_up) = MadeUp::of(data, answers, written) {
            stage.play(made_up);
        }
    });
}

/// In the protocol's own form. An object with one `status` or `error` is that, another a map.
fn written(answer: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(answer, &mut bytes);
    bytes
}

fn write(value: &Value, to: &mut Vec<u8>) {
    let line = |to: &mut Vec<u8>, text: String| to.extend([text.as_bytes(), b"\r\n"].concat());
    match value {
        Value::Null => line(to, "$-1".to_owned()),
        Value::Bool(flag) => line(to, format!("#{}", if *flag { 't' } else { 'f' })),
        Value::Number(number) if number.is_f64() => line(to, format!(",{number}")),
        Value::Number(number) => line(to, format!(":{number}")),
        Value::String(text) => line(to, format!("${}\r\n{text}", text.len())),
        Value::Array(items) => {
            line(to, format!("*{}", items.len()));
            items.iter().for_each(|item| write(item, to));
        }
        Value::Object(fields) => match (fields.get("status"), fields.get("error")) {
            (Some(Value::String(status)), _) => line(to, format!("+{status}")),
            (_, Some(Value::String(error))) => line(to, format!("-{error}")),
            _ => {
                line(to, format!("%{}", fields.len()));
                for (name, field) in fields {
                    line(to, format!("+{name}"));
                    write(field, to);
                }
            }
        },
    }
}

/// A made-up answer that is not whole ends the connection: its reader would wait for the rest as long as it may.
async fn serve(mut stream: TcpStream, script: Script) {
    let mut heard = Vec::new();
    while stream.read_buf(&mut heard).await.is_ok_and(|n| n > 0) {
        let (mut said, mut breaks) = (Vec::new(), false);
        while let Some((command, length)) = command(&heard) {
            heard.drain(..length);
            match script.answer(|asked| command.starts_with(asked)) {
                Some((answer, made_up)) => {
                    said.extend_from_slice(&answer);
                    breaks |= made_up.is_some() && ::redis::parse_redis_value(&answer).is_err();
                }
                None => said.extend_from_slice(b"+OK\r\n"),
            }
        }
        if stream.write_all(&said).await.is_err() || breaks {
            return;
        }
    }
}

/// The first whole command, as words, and its length in bytes.
fn command(heard: &[u8]) -> Option<(String, usize)> {
    let number = |at: usize| {
        let rest = heard.get(at + 1..)?;
        let end = rest.iter().position(|byte| *byte == b'\r')?;
        let number: usize = std::str::from_utf8(&rest[..end]).ok()?.parse().ok()?;
        Some((number, at + 1 + end + 2))
    };
    let (count, mut at) = number(0)?;
    let mut words = Vec::with_capacity(count);
    for _ in 0..count {
        let (length, begin) = number(at)?;
        words.push(String::from_utf8_lossy(heard.get(begin..begin + length)?).into_owned());
        at = begin + length + 2;
        heard.get(..at)?;
    }
    Some((words.join(" "), at))
}
