//! The files of a task, one by one: from where they are kept, else from the vendor.

use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::response::Response;

use super::granted;
use super::granted::Granted;
use super::sent;
use crate::api::error::ApiError;
use crate::api::params::Params;
use crate::cloud::Client;
use crate::cloud::Download;
use crate::cloud::Trouble;
use crate::task::FileKind;
use crate::task::OutputFile;
use crate::task::TaskReport;
use crate::tasks::LookUps;
use crate::tasks::capture::KeptFiles;

/// How many files are named to somebody who asked for another.
const NAMED: usize = 10;

/// A file that a task made, by its name, or by the id that v2 gives it. One that is kept is the
/// answer; of others it is the address where it can be had for some minutes, or with `download` the
/// file itself.
pub(super) async fn output_file(
    _: Granted,
    State(kept_files): State<KeptFiles>,
    State(cloud): State<Client>,
    State(look_ups): State<LookUps>,
    Path((task, name)): Path<(String, String)>,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, ApiError> {
    let is_download = is_download(params)?;
    if let Some(kept) = kept_files.open(&task, FileKind::Output, &name).await? {
        return Ok(sent::kept(kept, &headers));
    }
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
    from_vendor(&cloud, &file.name, url.as_str(), is_download).await
}

/// A screenshot of a task, by its number in the order in which they were taken, in the same way.
pub(super) async fn screenshot(
    _: Granted,
    State(kept_files): State<KeptFiles>,
    State(cloud): State<Client>,
    State(look_ups): State<LookUps>,
    Path((task, number)): Path<(String, String)>,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, ApiError> {
    let is_download = is_download(params)?;
    if let Some(kept) = kept_files
        .open(&task, FileKind::Screenshot, &number)
        .await?
    {
        return Ok(sent::kept(kept, &headers));
    }
    let (api, id) = look_ups.place(&task).await?;
    let taken = cloud.screenshots(api, &id).await?;
    let place = number
        .parse::<usize>()
        .ok()
        .and_then(|it| it.checked_sub(1));
    let address = place.and_then(|place| taken.get(place));
    let address = address.ok_or_else(|| ApiError::NotFound {
        what: "screenshot",
        id: number.chars().take(100).collect(),
        hint: format!(": there are {}, counted from 1", taken.len()),
    })?;
    from_vendor(&cloud, &number, address, is_download).await
}

fn is_download(mut params: Params) -> Result<bool, ApiError> {
    let is_download = params.value("download")?.unwrap_or(false);
    granted::take(&mut params)?;
    params.finish()?;
    Ok(is_download)
}

async fn from_vendor(
    cloud: &Client,
    name: &str,
    address: &str,
    is_download: bool,
) -> Result<Response, ApiError> {
    if is_download {
        let download = cloud.download(name, address, Download::LIMIT).await?;
        return Ok(sent::streamed(name, download));
    }
    Ok(Redirect::temporary(address).into_response())
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
