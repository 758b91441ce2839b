//! What an answer without success means.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use super::call::Call;
use super::error::Trouble;
use crate::secret::Secret;

/// How much of what the vendor says is told, in characters.
const SAID: usize = 300;

/// An answer without success.
pub(super) struct Refusal {
    status: StatusCode,
    retry_after: Option<Duration>,
    said: Said,
}

impl Refusal {
    /// Reads an answer. What `hidden` holds is not repeated: some of the vendor's messages quote
    /// what they refuse.
    pub(super) fn read(
        status: StatusCode,
        retry_after: Option<Duration>,
        body: &[u8],
        hidden: &[&Secret],
    ) -> Self {
        Self {
            status,
            retry_after,
            said: Said::read(body, hidden),
        }
    }

    /// What is wrong, by the status and, where that leaves it open, by what is said: the documents
    /// give one status to several refusals, and one refusal several statuses.
    pub(super) fn trouble(&self, call: &Call<'_>) -> Trouble {
        if self.said.is_of_a_gateway {
            return Trouble::Gateway {
                status: self.status.as_u16(),
                said: self.said.text.clone(),
            };
        }
        let said = self.told();
        let speaks_of = |words: &[&str]| self.said.speaks_of(words);
        let retry_after = self.retry_after;
        match self.status.as_u16() {
            401 => Trouble::BadKey(said),
            403 if speaks_of(&["api key", "authenticated", "credentials"]) => Trouble::BadKey(said),
            400 | 402 | 403 if speaks_of(&["subscription"]) => Trouble::NoSubscription(said),
            402 => Trouble::NoMoney(said),
            400 | 403 if speaks_of(&["balance", "credit", "spend"]) => Trouble::NoMoney(said),
            400 | 404 | 409 | 425
                if call.comes_with_the_end
                    && speaks_of(&["complete", "finish", "running", "yet"]) =>
            {
                Trouble::NotYet(said)
            }
            // What FastAPI says of a path that it does not have; of an id it says more.
            404 if self.said.text == "Not Found" => Trouble::NoSuchAddress(said),
            404 => Trouble::NotFound {
                what: call.about,
                said,
            },
            422 if self.said.is_about_path => Trouble::NotFound {
                what: call.about,
                said,
            },
            429 if call.is_safe() => Trouble::TooOften { said, retry_after },
            429 => Trouble::TooManySessions { said, retry_after },
            300..=399 => Trouble::NoSuchAddress(said),
            500.. => Trouble::Down {
                cause: said,
                is_passing: matches!(self.status.as_u16(), 502..=504),
                retry_after,
            },
            _ => Trouble::Refused(said),
        }
    }

    /// `404 Not Found: Task not found`
    fn told(&self) -> String {
        match &*self.said.text {
            "" => self.status.to_string(),
            text => format!("{}: {text}", self.status),
        }
    }
}

/// What the vendor says in a refusal.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    text: String,
    /// Whether it finds fault with the address, and so with an id in it.
    is_about_path: bool,
    /// Whether it is not the vendor that speaks, but the gateway of another Tidings.
    is_of_a_gateway: bool,
}

impl Said {
    fn read(body: &[u8], hidden: &[&Secret]) -> Self {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            // A page of some proxy, which says less than the status.
            return Self::default();
        };
        let told = [&body["detail"], &body["message"], &body["error"]];
        let told = told.into_iter().find(|value| !value.is_null());
        let mut said = told.map(Self::of).unwrap_or_default();
        for secret in hidden.iter().filter(|secret| !secret.is_empty()) {
            said.text = said.text.replace(secret.expose(), "[secret]");
        }
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let problem = body["type"].as_str().unwrap_or_default();
        said.is_of_a_gateway = problem.starts_with("/problems/");
        said.text = said.text.trim().chars().map(plain).take(SAID).collect();
        said
    }

    /// Of a text, of `{code, message}`, or of a list of `{loc, msg, type}`. Their `input` is what
    /// was sent, and is left alone.
    fn of(told: &Value) -> Self {
        match told {
            Value::String(text) => Self {
                text: text.clone(),
                ..Self::default()
            },
            Value::Array(faults) => Self {
                text: faults.iter().map(fault).collect::<Vec<_>>().join("; "),
                is_about_path: faults.iter().any(|fault| fault["loc"][0] == "path"),
                ..Self::default()
            },
            told => {
                let text = told["message"].as_str().or(told["code"].as_str());
                Self {
                    text: text.unwrap_or_default().to_owned(),
                    ..Self::default()
                }
            }
        }
    }

    fn speaks_of(&self, words: &[&str]) -> bool {
        let text = self.text.to_lowercase();
        words.iter().any(|word| text.contains(word))
    }
}

/// `metadata.team: Input should be a valid string`
fn fault(fault: &Value) -> String {
    let message = fault["msg"].as_str().unwrap_or("is not accepted");
    let place: Vec<String> = fault["loc"]
        .as_array()
        .into_iter()
        .flatten()
        .skip(1)
        .map(|part| {
            part.as_str()
                .map_or_else(|| part.to_string(), str::to_owned)
        })
        .collect();
    match place.join(".") {
        place if place.is_empty() => message.to_owned(),
        place => format!("{place}: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use reqwest::Method;

    use super::*;
    use crate::task::ApiVersion;

    fn said(body: &str) -> String {
        Said::read(body.as_bytes(), &[&"s3cret".into(), &"".into()]).text
    }

    fn trouble(call: &Call<'_>, status: u16, body: &str) -> Trouble {
        let status = StatusCode::from_u16(status).unwrap();
        Refusal::read(status, None, body.as_bytes(), &[]).trouble(call)
    }

    fn detail(text: &str) -> String {
        serde_json::json!({ "detail": text }).to_string()
    }

    #[test]
    fn the_vendors_word_is_found_in_each_of_its_forms() {
        let told = [
            r#"{"detail":"Task not found"}"#,
            r#"{"detail":[{"loc":["body","metadata","a"],"msg":"Input should be a valid string","type":"string_type","input":"s3cret"},{"loc":["body"],"msg":"Field required","type":"missing"}]}"#,
            r#"{"detail":{"code":"spend_limit","message":"Monthly spend limit reached"}}"#,
            r#"{"detail":{"code":"spend_limit"}}"#,
            r#"{"message":"no\nsuch \"s3cret\""}"#,
            r#"{"detail":5}"#,
            "<html>Bad gateway</html>",
            "[]",
        ];
        assert_snapshot!(told.map(said).join("\n"), @r#"
        Task not found
        metadata.a: Input should be a valid string; Field required
        Monthly spend limit reached
        spend_limit
        no such "[secret]"
        "#);
        assert_eq!(said(&detail(&"ä".repeat(1000))).chars().count(), SAID);
    }

    #[test]
    fn one_status_means_what_is_said_with_it() {
        let call = Call::new(ApiVersion::V1, Method::POST, &["run-task"], "profile");
        let refused = |status, text: &str| trouble(&call, status, &detail(text));
        assert!(matches!(
            refused(403, "Not authenticated"),
            Trouble::BadKey(_)
        ));
        assert!(matches!(
            refused(403, "Requires an active subscription"),
            Trouble::NoSubscription(_)
        ));
        assert!(matches!(
            refused(402, "Subscription required"),
            Trouble::NoSubscription(_)
        ));
        assert!(matches!(
            refused(400, "Insufficient balance"),
            Trouble::NoMoney(_)
        ));
        assert!(matches!(
            refused(403, "Zero Data Retention is enabled"),
            Trouble::Refused(_)
        ));
        assert!(matches!(
            refused(404, "Not Found"),
            Trouble::NoSuchAddress(_)
        ));
        assert!(matches!(
            refused(404, "Profile not found"),
            Trouble::NotFound { .. }
        ));
        assert!(matches!(
            refused(400, "Agent session already has a running task"),
            Trouble::Refused(_)
        ));
    }

    #[test]
    fn a_gateway_in_between_is_not_taken_for_the_vendor() {
        let call = Call::new(ApiVersion::V1, Method::GET, &["balance"], "account");
        let body = r#"{"type":"/problems/unauthorized","title":"unauthorized","status":401,"detail":"send a token"}"#;
        let expected = Trouble::Gateway {
            status: 401,
            said: "send a token".to_owned(),
        };
        assert_eq!(trouble(&call, 401, body), expected);
    }

    #[test]
    fn an_id_of_another_shape_is_an_id_of_nothing() {
        let call = Call::new(ApiVersion::V2, Method::GET, &["tasks", "t-1"], "task");
        let body =
            r#"{"detail":[{"loc":["path","task_id"],"msg":"Input should be a valid UUID"}]}"#;
        assert!(matches!(
            trouble(&call, 422, body),
            Trouble::NotFound { .. }
        ));
    }

    #[test]
    fn what_comes_with_the_end_is_not_there_yet() {
        let media = Call::new(
            ApiVersion::V1,
            Method::GET,
            &["task", "t-1", "media"],
            "task",
        );
        let too_early = detail("Media is only available for completed tasks");
        let with_the_end = media.clone().comes_with_the_end();
        assert!(matches!(
            trouble(&with_the_end, 400, &too_early),
            Trouble::NotYet(_)
        ));
        assert!(matches!(
            trouble(&media, 400, &too_early),
            Trouble::Refused(_)
        ));
        assert!(matches!(
            trouble(&with_the_end, 404, &detail("Task not found")),
            Trouble::NotFound { .. }
        ));
    }
}
