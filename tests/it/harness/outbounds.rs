//! What a sink may be asked to hand over: each kind of event, and texts that no service expects.

use serde_json::Value;
use serde_json::json;
use serde_json::value::to_raw_value;
use tidings::clock::Clock as _;
use tidings::clock::SystemClock;
use tidings::routing::Filter;
use tidings::routing::Values;
use tidings::samples::Sample;
use tidings::samples::samples_with_tasks;
use tidings::sinks::Outbound;
use tidings::task::Enrichment;

use super::events;

/// The types of events of our own, which nobody gets who does not name them.
const OURS: [&str; 3] = [
    "tidings.task.stuck",
    "tidings.webhooks.silent",
    "tidings.test",
];

/// Texts that are long, or mean something to somebody.
fn awkward() -> Vec<String> {
    let repeated = [
        "x",
        "long words and blanks ",
        "🦀",
        "👩‍👩‍👧‍👦",
        "e\u{301}",
        "<b>&amp;</b> \"'`",
        "*_~`|[](){}#+-.!>\\",
        "\u{202e}עברית العربية\u{202c} ",
        "a\n\nb\r\n\tc\u{0}\u{1b}[31m\u{7f}\u{feff}",
        "@everyone <!channel> <@U1> ",
        "https://example.com/?a=1&b=<2> ",
    ];
    repeated.map(|text| text.repeat(60_000 / text.len())).into()
}

/// One of each kind, what a sink with `enrich` gets among them, with what it is.
pub(crate) fn of_every_kind() -> Vec<(String, Outbound)> {
    let ours = Filter {
        types: Values::from(OURS),
        ..Filter::default()
    };
    [Filter::default(), ours]
        .iter()
        .flat_map(samples_with_tasks)
        .map(|sample| (sample.what.clone(), outbound(sample)))
        .collect()
}

fn outbound(sample: Sample) -> Outbound {
    Outbound {
        event: sample.event.into(),
        enrichment: sample.enrichment,
        ..events::outbound("{}", SystemClock.now())
    }
}

/// Ends and alarms that are full of texts that no service expects.
pub(crate) fn hostile() -> Vec<(String, Outbound)> {
    let mut all = Vec::new();
    for text in awkward() {
        let beginning: String = text.chars().take(20).collect();
        for (kind, status) in [
            ("agent.task.status_update", "failed"),
            ("agent.task.status_update", "finished"),
            ("tidings.task.stuck", "started"),
        ] {
            let what = format!("{kind} {status} of {beginning:?}");
            all.push((what, full_of(&text, kind, status)));
        }
    }
    all
}

/// An event, and the task with it, whose every text is this one.
fn full_of(text: &str, kind: &str, status: &str) -> Outbound {
    let (ten_kilobytes, _) = text.split_at(text.floor_char_boundary(10_000));
    let (short, _) = text.split_at(text.floor_char_boundary(300));
    // A few of them are enormous: all of them would cost a test its time.
    let size = |n: usize| {
        if n.is_multiple_of(10) {
            ten_kilobytes
        } else {
            short
        }
    };
    let names = (0..30).map(|n| (format!("{n}{}", size(n)), json!(size(n))));
    let metadata: Value = names.collect();
    let body = json!({
        "type": kind,
        "timestamp": "2026-05-25T09:22:22Z",
        "payload": {
            "task_id": ten_kilobytes, "session_id": ten_kilobytes, "status": status, "message": text,
            "running_since": ten_kilobytes, "metadata": metadata,
        },
    });
    let address = format!("https://hooks.example.com/{}", "a".repeat(3000));
    let files = (0..60).map(|n| {
        let name = format!("{n} {}", size(n));
        let link = format!("https://hooks.example.com/{n}?expires=1&grant=2");
        json!({ "name": name, "url": if n % 2 == 0 { &link } else { &address } })
    });
    let task = json!({
        "task": text, "output": text, "error": text, "outcome": "success", "cost": ten_kilobytes,
        "files": files.collect::<Value>(),
    });
    Outbound {
        enrichment: Some(Enrichment::known(to_raw_value(&task).unwrap().into())),
        ..events::outbound(&body.to_string(), SystemClock.now())
    }
}
