//! The files that a task made.

use axum::body::Body;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;
use futures_util::stream;

use super::granted;
use super::granted::Granted;
use crate::api::error::ApiError;
use crate::api::params::Params;
use crate::cloud::Client;
use crate::cloud::CloudError;
use crate::cloud::Download;
use crate::cloud::Trouble;
use crate::task::OutputFile;
use crate::task::TaskReport;
use crate::tasks::LookUps;
use crate::tasks::encoded;

/// How many files are named to somebody who asked for another.
const NAMED: usize = 10;

/// A file by its name, or by the id that v2 gives it: the address where it can be had for some
/// minutes, or with `download` the file itself.
pub(super) async fn file(
    _: Granted,
    State(cloud): State<Client>,
    State(look_ups): State<LookUps>,
    Path((task, name)): Path<(String, String)>,
    mut params: Params,
) -> Result<Response, ApiError> {
    let is_download = params.value("download")?.unwrap_or(false);
    granted::take(&mut params)?;
    params.finish()?;

    let known = look_ups.know(&task).await?;
    let report = &known.report.report;
    let listed = listed(report, &name);
    let file = listed.cloned().unwrap_or_else(|| OutputFile {
        // One that is not listed may have come since.
        id: name.as_str().into(),
        name: name.as_str().into(),
    });
    let asked = cloud.output_file(report.api, &report.key.id, &file).await;
    let url = asked.map_err(|error| match error.trouble {
        Trouble::NotFound { .. } if listed.is_none() => unknown(report, name),
        _ => error.into(),
    })?;
    if is_download {
        let download = cloud.download(&file.name, url).await?;
        return Ok(streamed(&file, download));
    }
    Ok(Redirect::temporary(url.as_str()).into_response())
}

/// The file that is meant, if the task is known to have made it.
fn listed<'a>(report: &'a TaskReport, name: &str) -> Option<&'a OutputFile> {
    let is_meant = |file: &&OutputFile| &*file.name == name || &*file.id == name;
    report.files.iter().find(is_meant)
}

/// Nobody knows the file: says which there are.
fn unknown(report: &TaskReport, name: String) -> ApiError {
    let files = report.files.iter().take(NAMED);
    let names: Vec<_> = files.map(|file| format!("`{}`", file.name)).collect();
    ApiError::NotFound {
        what: "file",
        id: name,
        hint: match names.len() {
            0 => ": the task has made none".to_owned(),
            _ => format!(": the task has made {}", names.join(", ")),
        },
    }
}

/// A file as it comes. What an agent fetched from anywhere is not to be shown as a page of ours.
fn streamed(file: &OutputFile, download: Download) -> Response {
    let kind = download.content_type.as_deref();
    let kind = kind.and_then(|kind| HeaderValue::from_str(kind).ok());
    let length = download.length;
    let pieces = stream::try_unfold(download, async |mut download| {
        let piece = download.chunk().await?;
        Ok::<_, CloudError>(piece.map(|piece| (piece, download)))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    let unknown = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, kind.unwrap_or(unknown));
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    let disposition = format!("attachment; filename*=UTF-8''{}", encoded(&file.name));
    let attached = HeaderValue::from_static("attachment");
    let disposition = HeaderValue::try_from(disposition).unwrap_or(attached);
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}
