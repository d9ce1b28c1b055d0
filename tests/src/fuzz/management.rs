//! RabbitMQ's management API with one answer made up.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    answers::{Answers, MadeUp, Script, recorded},
    stage::Stage,
};

/// What a real node answered, by path. A `*` stands for the names of a queue or an exchange.
const RECORDED: &str = include_str!("answers/management.json");

const STATUSES: [&str; 4] = ["200 OK", "404 Not Found", "401 Unauthorized", "500 Internal Server Error"];

thread_local! {
    static STAGE: (Answers, Stage) = {
        let answers = recorded(RECORDED);
        let script = Script::new(&answers, written);
        (answers, Stage::new("amqp", script, serve))
    };
}

/// Looks at a node that answers one question with what is made up, or with an error.
pub fn management(data: &[u8]) {
    STAGE.with(|(answers, stage)| {
        if let Some(made_up) = MadeUp::of(data, answers, written) {
            stage.play(made_up);
        }
    });
}

fn written(answer: &Value) -> Vec<u8> {
    answer.to_string().into_bytes()
}

async fn serve(mut stream: TcpStream, script: Script) {
    let mut heard = Vec::new();
    while stream.read_buf(&mut heard).await.is_ok_and(|n| n > 0) {
        while let Some(end) = heard.windows(4).position(|four| four == b"\r\n\r\n") {
            let head: Vec<u8> = heard.drain(..end + 4).collect();
            let head = String::from_utf8_lossy(&head);
            let path = head.split([' ', '?']).nth(1).unwrap_or_default().trim_start_matches("/api/");
            if stream.write_all(&response(path, &script)).await.is_err() {
                return;
            }
        }
    }
}

fn response(path: &str, script: &Script) -> Vec<u8> {
    let (status, body) = match script.answer(|asked| fits(asked, path)) {
        // What the check answers while there are alarms.
        Some((body, Some(_))) if path == "health/checks/alarms" => ("503 Service Unavailable", body),
        Some((body, Some(made_up))) => (STATUSES[usize::from(made_up.flags) % STATUSES.len()], body),
        Some((body, None)) => (STATUSES[0], body),
        None => (STATUSES[1], written(&json!({"error": "Object Not Found"})).into()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), &body].concat()
}

fn fits(asked: &str, path: &str) -> bool {
    match asked.split_once('*') {
        Some((begin, end)) => path.strip_prefix(begin).is_some_and(|rest| rest.ends_with(end)),
        None => asked == path,
    }
}
