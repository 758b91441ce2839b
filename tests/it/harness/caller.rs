//! Somebody who calls the receiver over HTTP and looks closely at the answers.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use serde_json::json;
use tidings::access::Scope;
use tidings::outgoing;

use super::cloud::client;

/// Calls a receiver, with a token or without.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    root: String,
    token: Option<String>,
    client: reqwest::Client,
}

impl Caller {
    /// Calls the receiver at `root`, `http://` and an address.
    pub(crate) fn of(root: &str, token: &str) -> Self {
        Self {
            root: root.to_owned(),
            token: Some(token.to_owned()),
            client: client(),
        }
    }

    /// The same, with another token, or none.
    pub(crate) fn with(&self, token: Option<&str>) -> Self {
        let token = token.map(str::to_owned);
        Self {
            token,
            ..self.clone()
        }
    }

    /// The same, who does not go where an answer sends them.
    pub(crate) fn stays(&self) -> Self {
        let client = outgoing::client().build();
        Self {
            client: client.expect("the client needs nothing from outside"),
            ..self.clone()
        }
    }

    /// Gets a path below `/api/v1`, and holds that it is there.
    pub(crate) async fn finds(&self, path: &str) -> Value {
        let reply = self.gets(&format!("/api/v1{path}")).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }

    /// Gets a path.
    pub(crate) async fn gets(&self, path: &str) -> Reply {
        self.sends(Method::GET, path, &[], String::new()).await
    }

    /// Makes a token of this scope.
    pub(crate) async fn makes_token(&self, scope: Scope, expires_in: Option<&str>) -> String {
        let body = json!({ "scope": scope, "expires_in": expires_in });
        let reply = self.calls(Method::POST, "/api/v1/tokens", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["token"].as_str().expect("a token").to_owned()
    }

    /// Sends JSON.
    pub(crate) async fn calls(&self, method: Method, path: &str, body: &Value) -> Reply {
        self.sends(method, path, &[], body.to_string()).await
    }

    /// Sends whatever the test wants.
    pub(crate) async fn sends(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Reply {
        let url = format!("{}{path}", self.root);
        let mut request = self.client.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.expect("the receiver answers");
        Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await.expect("to the end"),
        }
    }
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Bytes,
}

impl Reply {
    /// One of its headers, empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("text")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The slug of a problem, held to be one.
    pub(crate) fn slug(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        let slug = problem["type"]
            .as_str()
            .and_then(|kind| kind.strip_prefix("/problems/"));
        slug.expect("a problem's type").to_owned()
    }

    /// Status, `Retry-After` and body in a few lines.
    pub(crate) fn told(&self) -> String {
        let again = match self.header("retry-after") {
            "" => String::new(),
            seconds => format!(", again after {seconds} s"),
        };
        format!("{}{again}\n{}", self.status, self.text())
    }
}
