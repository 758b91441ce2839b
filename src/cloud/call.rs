//! One request to the API, before it leaves.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::Url;
use serde::Serialize;

use super::error::CloudError;
use super::error::Trouble;
use super::limits::Bounded;
use super::limits::OutOfLimits;
use super::wire::Secrets;
use crate::secret::Secret;
use crate::task::ApiVersion;

/// One request to the API. It shows itself as messages name it: `GET /api/v1/task/t-1`, without
/// the query.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) version: ApiVersion,
    pub(super) method: Method,
    path: Vec<&'a str>,
    query: Vec<(&'static str, String)>,
    pub(super) body: Option<Bytes>,
    /// What no message may repeat.
    pub(super) hidden: Vec<Secret>,
    /// What the path names.
    pub(super) about: &'static str,
    /// Without a key it is sent all the same.
    pub(super) is_for_anybody: bool,
    pub(super) comes_with_the_end: bool,
    /// None: as for any call.
    pub(super) timeout: Option<Duration>,
}

impl<'a> Call<'a> {
    /// A request to the path that these segments make; each is escaped. `about` says what has the
    /// id in it.
    pub(super) fn new(
        version: ApiVersion,
        method: Method,
        path: &[&'a str],
        about: &'static str,
    ) -> Self {
        Self {
            version,
            method,
            path: path.to_vec(),
            query: Vec::new(),
            body: None,
            hidden: Vec::new(),
            about,
            is_for_anybody: false,
            comes_with_the_end: false,
            timeout: None,
        }
    }

    /// Adds to the query what is given.
    pub(super) fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query
            .extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// Gives it a body, once that is within the documented limits.
    pub(super) fn body<B: Bounded + Serialize>(mut self, body: &B) -> Result<Self, CloudError> {
        self = self.within(body.check())?;
        let json = serde_json::to_vec(body).expect("what has text for keys has a JSON form");
        self.body = Some(json.into());
        let secrets = body.secrets().into_iter().flat_map(Secrets::values);
        self.hidden = secrets.cloned().collect();
        Ok(self)
    }

    /// Lets it go on if it is within the documented limits.
    pub(super) fn within(self, checked: Result<(), OutOfLimits>) -> Result<Self, CloudError> {
        match checked {
            Ok(()) => Ok(self),
            Err(out) => Err(CloudError::new(&self, out.into())),
        }
    }

    /// A request that anybody may make. The key goes along where there is one: a gateway asks for
    /// it.
    pub(super) fn for_anybody(mut self) -> Self {
        self.is_for_anybody = true;
        self
    }

    /// A request for what a task has only once it has ended.
    pub(super) fn comes_with_the_end(mut self) -> Self {
        self.comes_with_the_end = true;
        self
    }

    /// A request whose answer takes as long as the work does.
    pub(super) fn takes(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Whether sending it twice does no more than sending it once.
    pub(super) fn is_safe(&self) -> bool {
        self.method == Method::GET
    }

    /// Where it goes.
    pub(super) fn url(&self, base: &Url) -> Result<Url, Trouble> {
        // An id of dots would climb out of its place in the path.
        if self
            .path
            .iter()
            .any(|part| matches!(*part, "" | "." | ".."))
        {
            return Err(OutOfLimits::new("id", "is neither empty nor made of dots").into());
        }
        let mut url = base.clone();
        url.path_segments_mut()
            .map_err(|()| Trouble::NoSuchAddress("it has no path".to_owned()))?
            .pop_if_empty()
            .extend(["api", self.version.as_str()])
            .extend(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} /api/{}", self.method, self.version)?;
        self.path.iter().try_for_each(|part| write!(f, "/{part}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_made_of_segments_that_stay_in_their_place() {
        let base = Url::parse("https://cloud.test/behind/").unwrap();
        let url = |id| {
            Call::new(ApiVersion::V1, Method::GET, &["task", id, "status"], "task")
                .query("page", Some(2))
                .query("limit", None::<u32>)
                .url(&base)
                .map(String::from)
        };
        assert_eq!(
            url("a/b?c").unwrap(),
            "https://cloud.test/behind/api/v1/task/a%2Fb%3Fc/status?page=2"
        );
        for id in ["", ".", ".."] {
            assert!(url(id).is_err(), "{id:?}");
        }
    }
}
