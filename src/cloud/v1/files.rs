//! Files for tasks: first an address to put one at, then the file.

use std::convert::Infallible;
use std::iter;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream;
use reqwest::Body;
use reqwest::Method;
use reqwest::Response;
use reqwest::Url;
use reqwest::header::CONTENT_LENGTH;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::Serialize;

use super::V1;
use super::call;
use crate::cloud::CloudError;
use crate::cloud::Trouble;
use crate::cloud::limits;
use crate::cloud::limits::Bounded;
use crate::cloud::limits::OutOfLimits;
use crate::cloud::wire::Extra;
use crate::outgoing;
use crate::outgoing::no_answer;

/// The largest file, in bytes: the documented 10 MB, read in the vendor's favour.
pub const LARGEST_UPLOAD: u64 = 10 * 1024 * 1024;

/// How much of a file leaves at once, in bytes.
const PIECE: usize = 64 * 1024;

/// How long a file may take on its way.
const TIMEOUT: Duration = Duration::from_mins(5);

/// A file that is to be uploaded.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct PresignUpload {
    /// Its name, such as `data.csv`, by which tasks name it. Required.
    pub file_name: String,
    /// Its type, such as `text/csv`. Required. Images and documents are taken: `txt`, `csv`,
    /// `json`, `xml`, `html`, `md`, `jpg`, `jpeg`, `png`, `gif`, `webp`, `pdf`, `doc`, `docx`,
    /// `xls`, `xlsx`, `ppt`, `pptx`.
    pub content_type: String,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Bounded for PresignUpload {
    fn check(&self) -> Result<(), OutOfLimits> {
        limits::required("file_name", &self.file_name)?;
        limits::required("content_type", &self.content_type)
    }
}

/// Where a file can be put for some minutes, by whoever has the address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct UploadUrl {
    /// The address.
    pub upload_url: String,
    /// Fields that the documents do not name.
    #[serde(flatten)]
    pub extra: Extra,
}

impl V1<'_> {
    /// `POST /uploads/presigned-url`: where to put a file.
    pub async fn presign_upload(&self, file: &PresignUpload) -> Result<UploadUrl, CloudError> {
        let call = call(Method::POST, &["uploads", "presigned-url"], "file").body(file)?;
        self.0.send(call).await?.json()
    }

    /// Uploads a file of at most 10 MB: asks where to put it, and puts it there. Tasks then have it
    /// in `included_file_names`. It is kept for 30 days, or as long as a schedule uses it.
    ///
    /// While it goes, `sent` is told how many bytes have left.
    pub async fn upload(
        &self,
        file: &PresignUpload,
        content: Bytes,
        sent: impl Fn(u64) + Send + 'static,
    ) -> Result<(), CloudError> {
        let call = format!("upload of `{}`", file.file_name);
        let fail = |trouble| CloudError::new(&call, trouble);
        if content.len() as u64 > LARGEST_UPLOAD {
            let problem = format!("has {} bytes: {LARGEST_UPLOAD} are the most", content.len());
            return Err(fail(OutOfLimits::new("file", problem).into()));
        }
        let url = self.presign_upload(file).await?.upload_url;
        let length = content.len();
        let body = Body::wrap_stream(pieces(content, sent));
        self.put(&url, &file.content_type, length, body)
            .await
            .map_err(fail)
    }

    /// The address carries its own permission, and messages do not show it.
    async fn put(
        &self,
        url: &str,
        content_type: &str,
        length: usize,
        body: Body,
    ) -> Result<(), Trouble> {
        let no_url = |_not_told| Trouble::NotUnderstood("`upload_url` is no address".to_owned());
        let url = Url::parse(url).map_err(no_url)?;
        let peer = outgoing::peer(&url);
        let request = self.0.http().put(url).timeout(TIMEOUT);
        let sent = request
            .header(CONTENT_TYPE, content_type)
            // Stores of files do not take a body that does not say how long it is.
            .header(CONTENT_LENGTH, length)
            .body(body)
            .send()
            .await
            .map_err(|error| Trouble::no_answer(no_answer(&error, &peer)))?;
        judge(&sent, &peer)
    }
}

/// A file piece by piece; `sent` is told how much of it is gone when one is asked for.
fn pieces(
    mut content: Bytes,
    sent: impl Fn(u64) + Send + 'static,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    let mut gone = 0;
    stream::iter(iter::from_fn(move || {
        sent(gone);
        if content.is_empty() {
            return None;
        }
        let piece = content.split_to(PIECE.min(content.len()));
        gone += piece.len() as u64;
        Some(Ok(piece))
    }))
}

/// What the store for files made of it.
fn judge(answer: &Response, peer: &str) -> Result<(), Trouble> {
    let cause = format!("{} from {peer}", answer.status());
    match answer.status() {
        status if status.is_success() => Ok(()),
        status if status.is_server_error() => Err(Trouble::no_answer(cause)),
        _ => Err(Trouble::Refused(cause)),
    }
}
