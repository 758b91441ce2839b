//! Verifying a body against `CPython`: canonical form and HMAC.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use anyhow::ensure;
use serde::Deserialize;
use tidings::canonical::Document;
use tidings::signing;
use tokio::process::Command;

use crate::bench::Bench;
use crate::figures::show;
use crate::goals;
use crate::process;
use crate::report::Report;

/// About these lengths, in bytes.
const LENGTHS: [usize; 3] = [350, 4 * 1024, 64 * 1024];

/// The same as in `canonical.py`.
const SECRET: &[u8] = b"secret";
const TIMESTAMP: &str = "1748164942";

/// What a body ends with.
const END: &str = "}}}";

/// How often the best of them is sought.
const ROUNDS: usize = 5;

/// What Python says of a body.
#[derive(Debug, Deserialize)]
struct Python {
    micros: f64,
    signature: String,
}

pub(super) async fn run(bench: &Bench, report: &mut Report) -> anyhow::Result<()> {
    let folder = bench.folder("canonical")?;
    let bodies = LENGTHS.map(body);
    let mut paths = Vec::new();
    for (length, body) in LENGTHS.iter().zip(&bodies) {
        let path = folder.join(format!("{length}.json"));
        fs::write(&path, body)?;
        paths.push(path);
    }
    let python = ask_python(bench, &paths).await?;

    for (index, (body, python)) in bodies.iter().zip(python).enumerate() {
        ensure!(
            python.signature.as_bytes() == sign(body.as_bytes())?,
            "Python signs the body of {} bytes otherwise",
            body.len(),
        );
        let micros = best(body.as_bytes(), bench.seconds)?;
        report.figure(
            format!("canonical + HMAC, {} B: Tidings / CPython, µs", body.len()),
            format!("{} / {}", show(micros), show(python.micros)),
        );
        report.goal(&goals::CANONICAL[index], &(python.micros / micros).into());
    }
    Ok(())
}

async fn ask_python(bench: &Bench, bodies: &[PathBuf]) -> anyhow::Result<Vec<Python>> {
    let default = Path::new("python3");
    let mut command = Command::new(bench.python.as_deref().unwrap_or(default));
    command
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/benches/peers/canonical.py"
        ))
        .args(bodies);
    process::answer(command).await
}

/// The best microseconds of several rounds.
fn best(body: &[u8], seconds: f64) -> anyhow::Result<f64> {
    let round = Duration::from_secs_f64(seconds / 10.0);
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (began, mut count) = (Instant::now(), 0.0);
        while began.elapsed() < round {
            for _ in 0..10 {
                black_box(sign(black_box(body))?);
            }
            count += 10.0;
        }
        best = best.min(began.elapsed().as_secs_f64() * 1e6 / count);
    }
    Ok(best)
}

/// The hexadecimal digits that a header has to show.
fn sign(body: &[u8]) -> anyhow::Result<[u8; 64]> {
    let document = Document::read(body)?;
    let signature = signing::sign(SECRET, TIMESTAMP, document.python());
    let mut digits = [0; 64];
    hex::encode_to_slice(signature, &mut digits)?;
    Ok(digits)
}

/// A body of `length` bytes, spaced as nobody signs it: words, some of them not English, and
/// numbers.
fn body(length: usize) -> String {
    let mut body = r#"{"type": "agent.task.status_update", "timestamp": "2025-05-25T09:22:22.269116+00:00", "payload": {"session_id": "cd9cc7bf-e3af-4181-80a2-73f083bc94b4", "task_id": "5b73fb3f-a3cb-4912-be40-17ce9e9e1a45", "status": "finished", "metadata": {"team": "marketing""#.to_owned();
    for index in 0.. {
        let pair = match index % 4 {
            0 => format!(r#", "campaign-{index}": "q4 automation""#),
            1 => format!(r#", "price-{index}": {index}.25"#),
            2 => format!(r#", "city-{index}": "Zürich, Genève""#),
            _ => format!(r#", "count-{index}": {}"#, index * 7919),
        };
        if body.len() + pair.len() + END.len() > length {
            break;
        }
        body.push_str(&pair);
    }
    let blanks = " ".repeat(length.saturating_sub(body.len() + END.len()));
    body + &blanks + END
}
