//! A task as it is sent with an event.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Links;
use super::NoOutput;
use super::TaskView;
use super::asked_for_by;
use crate::canonical::Document;
use crate::store::Reported;
use crate::task::OutputFile;
use crate::task::TaskReport;

/// A task as the API shows it, and what a program would make of it next.
#[derive(Debug, Serialize)]
struct Enriched<'a> {
    #[serde(flatten)]
    task: TaskView,
    /// The output as JSON, where it is an object or a list.
    output_json: Option<Box<RawValue>>,
    /// The files it made, and where they can be had.
    files: Vec<FileLink>,
    /// Why there is no output.
    output_unavailable: Option<&'a str>,
}

/// A file that a task made. The link goes through us, because the vendor's own live for minutes.
#[derive(Debug, Serialize)]
pub(super) struct FileLink {
    name: Box<str>,
    url: String,
}

/// A task as it is sent with an event.
pub(super) fn enriched(
    reported: &Reported,
    files: Vec<FileLink>,
    no_output: Option<&NoOutput>,
) -> serde_json::Result<Arc<RawValue>> {
    let report = &reported.report;
    let why = no_output.map(ToString::to_string);
    let enriched = Enriched {
        task: TaskView::reported(reported),
        output_json: report.report.output.as_deref().and_then(structured),
        files,
        output_unavailable: why.as_deref(),
    };
    serde_json::value::to_raw_value(&enriched).map(Into::into)
}

/// Links to the files of a task, made now.
pub(super) fn files(report: &TaskReport, links: &Links, now: Timestamp) -> Vec<FileLink> {
    let mut all = Vec::new();
    for OutputFile { id, name } in &report.files {
        let names = report.files.iter().map(|file| &*file.name);
        let url = links.to_output_file(&report.key.id, asked_for_by(id, name, names), now);
        let name = name.clone();
        all.push(FileLink { name, url });
    }
    all
}

/// A text as JSON that every client can read. A number or a word alone was meant as text.
fn structured(text: &str) -> Option<Box<RawValue>> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) || !Document::read(text.as_bytes()).ok()?.is_plain() {
        return None;
    }
    RawValue::from_string(text.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_meant_as_json_is_read_as_json() {
        let read = |text| structured(text).map(|json| json.get().to_owned());
        assert_eq!(read(" {\"a\": 1.10}\n").as_deref(), Some("{\"a\": 1.10}"));
        assert_eq!(read("[1]").as_deref(), Some("[1]"));
        for text in [
            "42",
            "true",
            "\"done\"",
            "{it went well}",
            "[1] and more",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
