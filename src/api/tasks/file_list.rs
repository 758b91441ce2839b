//! Which files a task left behind, as far as that is known, and which of them are kept.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;

use super::find;
use super::name::TaskName;
use crate::api::auth::Read;
use crate::api::error::ApiError;
use crate::api::id::Id;
use crate::clock::Clock;
use crate::event::view::time;
use crate::store::Capture;
use crate::store::Fate;
use crate::store::TaskBook;
use crate::store::TaskFile;
use crate::task::FileKind;
use crate::task::OutputFile;
use crate::tasks::Links;
use crate::tasks::asked_for_by;
use crate::tasks::capture::KeptFiles;

/// The files of a task. The Cloud API is not asked.
pub(super) async fn list(
    _: Read,
    State(book): State<Arc<dyn TaskBook>>,
    State(kept_files): State<KeptFiles>,
    State(links): State<Links>,
    State(clock): State<Arc<dyn Clock>>,
    Id(name): Id<TaskName>,
) -> Result<Json<Files>, ApiError> {
    let task = find(&*book, &name).await?;
    let report = book.report(&task.key).await?;
    let listed = report.map(|kept| kept.report.files).unwrap_or_default();
    let capture = kept_files.of(&task).await?;
    let decided = capture.as_ref().map_or(&[][..], |capture| &capture.files);

    let link = Link {
        links: &links,
        task: &task.key.id,
        names: decided
            .iter()
            .filter(|file| file.kind == FileKind::Output)
            .map(|file| &*file.name)
            .chain(undecided(&listed, decided).map(|file| &*file.name))
            .collect(),
        now: clock.now(),
    };
    let mut data = Vec::new();
    for file in decided {
        let is_there = match file.content() {
            Some(content) => kept_files.has(content).await,
            None => false,
        };
        data.push(FileView::decided(file, is_there, link.to(file)));
    }
    data.extend(undecided(&listed, decided).map(|file| {
        let url = link.to_output(&file.id, &file.name);
        FileView::undecided(file.name.clone(), url)
    }));
    Ok(Json(Files {
        data,
        next_cursor: None,
        capture: capture.as_ref().map(CaptureView::of),
    }))
}

/// Files that the Cloud API told of, and about which nothing is decided.
fn undecided<'a>(
    listed: &'a [OutputFile],
    decided: &'a [TaskFile],
) -> impl Iterator<Item = &'a OutputFile> {
    let is_same = |file: &OutputFile, one: &TaskFile| {
        one.kind == FileKind::Output && one.vendor_id == file.id
    };
    let is_open = move |file: &&OutputFile| !decided.iter().any(|one| is_same(file, one));
    listed.iter().filter(is_open)
}

/// Links to the files of one task.
struct Link<'a> {
    links: &'a Links,
    task: &'a str,
    names: Vec<&'a str>,
    now: Timestamp,
}

impl Link<'_> {
    fn to(&self, file: &TaskFile) -> String {
        match file.kind {
            FileKind::Output => self.to_output(&file.vendor_id, &file.name),
            FileKind::Screenshot => self.links.to_screenshot(self.task, file.number, self.now),
        }
    }

    fn to_output(&self, id: &str, name: &str) -> String {
        let name = asked_for_by(id, name, self.names.iter().copied());
        self.links.to_output_file(self.task, name, self.now)
    }
}

/// The files of a task as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Files {
    data: Vec<FileView>,
    next_cursor: Option<String>,
    /// How far keeping them has come; null: they are not to be kept.
    capture: Option<CaptureView>,
}

/// A file as JSON. What is not known of it is null.
#[derive(Debug, Serialize)]
struct FileView {
    kind: FileKind,
    name: Box<str>,
    content_type: Option<Box<str>>,
    size: Option<u64>,
    sha256: Option<String>,
    kept_at: Option<String>,
    /// Why it is not kept, where that is decided.
    not_kept: Option<Box<str>>,
    url: String,
}

impl FileView {
    fn undecided(name: Box<str>, url: String) -> Self {
        Self {
            kind: FileKind::Output,
            name,
            content_type: None,
            size: None,
            sha256: None,
            kept_at: None,
            not_kept: None,
            url,
        }
    }

    fn decided(file: &TaskFile, is_there: bool, url: String) -> Self {
        let content = file.content();
        let not_kept = match &file.fate {
            Fate::Skipped(reason) => Some(reason.clone()),
            Fate::Kept(_) if !is_there => Some("it was removed from the folder".into()),
            Fate::Kept(_) => None,
        };
        Self {
            kind: file.kind,
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            size: content.map(|content| content.size),
            sha256: content.map(|content| hex::encode(content.sha256)),
            kept_at: is_there.then(|| time(file.at)),
            not_kept,
            url,
        }
    }
}

/// How far keeping the files of a task has come, as JSON.
#[derive(Debug, Serialize)]
struct CaptureView {
    /// `due`, `done`, or `lost`: some could not be had.
    state: &'static str,
    due_at: Option<String>,
    failures: u32,
    reason: Option<Box<str>>,
}

impl CaptureView {
    fn of(capture: &Capture) -> Self {
        let state = match (&capture.due_at, &capture.reason) {
            (Some(_), _) => "due",
            (None, None) => "done",
            (None, Some(_)) => "lost",
        };
        Self {
            state,
            due_at: capture.due_at.map(time),
            failures: capture.failures,
            reason: capture.reason.clone(),
        }
    }
}
