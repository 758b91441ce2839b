//! In the words of v2.

use std::convert::Infallible;

use clap::Args;
use serde::Serialize;
use serde_json::json;
use serde_with::skip_serializing_none;

use super::Agent;
use super::Proxy;
use super::schema;
use super::tags;
use crate::cli::body::Fields;
use crate::cli::body::fields_of;
use crate::cli::body::given;
use crate::cli::body::lay_over;
use crate::cloud::v2::Vision;
use crate::config::Environment;

/// What only v2 can be told.
#[skip_serializing_none]
#[derive(Debug, Args, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct AgentOfV2 {
    /// Where to start.
    #[arg(long, value_name = "URL")]
    start_url: Option<String>,

    /// The session to run in; else one of its own, which closes at the end.
    #[arg(long, value_name = "ID")]
    session_id: Option<String>,

    /// Go fast.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    #[serde(rename = "flashMode")]
    flash: Option<bool>,

    /// Think aloud.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    thinking: Option<bool>,

    /// See the page: true, false or auto.
    #[arg(long, value_name = "HOW", value_parser = vision)]
    vision: Option<Vision>,

    /// Have a judge compare what came of it with this answer.
    #[arg(long, value_name = "ANSWER")]
    #[serde(skip)]
    judge: Option<String>,

    /// Skills that it may use; `*` means all.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    #[serde(rename = "skillIds", skip_serializing_if = "Vec::is_empty")]
    skill: Vec<String>,
}

impl AgentOfV2 {
    /// The fields of a v2 request.
    pub(in crate::cli) fn fields(&self) -> Fields {
        let mut fields = fields_of(self);
        let judging = given([
            ("judge", json!(self.judge.as_ref().map(|_| true))),
            ("judgeGroundTruth", json!(self.judge)),
        ]);
        lay_over(&mut fields, judging);
        fields
    }
}

impl Agent {
    /// The fields of a v2 request.
    pub(in crate::cli) fn in_v2(&self, environment: &Environment) -> anyhow::Result<Fields> {
        let mut session = given([
            ("browserScreenWidth", json!(self.width())),
            ("browserScreenHeight", json!(self.height())),
        ]);
        if let Some(country) = self.proxy.as_ref().map(Proxy::country) {
            // Here null is a value: no proxy.
            session.insert("proxyCountryCode".to_owned(), json!(country));
        }
        let session = Some(session).filter(|settings| !settings.is_empty());
        Ok(given([
            ("llm", json!(self.model)),
            ("maxSteps", json!(self.max_steps)),
            ("allowedDomains", self.domains()),
            ("structuredOutput", schema(self.schema.as_deref())?),
            ("metadata", tags(&self.metadata)),
            ("sessionSettings", json!(session)),
            ("highlightElements", json!(self.highlight)),
            ("secrets", self.secrets.read(environment)?),
        ]))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as clap wants it")]
fn vision(text: &str) -> Result<Vision, Infallible> {
    Ok(match text.parse() {
        Ok(sees) => Vision::Is(sees),
        Err(_other) => Vision::As(text.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::Value;

    use super::*;
    use crate::cloud::v2;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        agent: Agent,
        #[command(flatten)]
        of_v2: AgentOfV2,
    }

    fn body(line: &str) -> Fields {
        let line = Line::parse_from(line.split(' '));
        let mut body = line.agent.in_v2(&Environment::default()).unwrap();
        lay_over(&mut body, line.of_v2.fields());
        body
    }

    #[test]
    fn every_option_is_a_documented_field() {
        let mut body = body(
            "_ --model m --max-steps 7 --allow a.test,*.b.test --metadata team=a --proxy de \
             --viewport 640x480 --highlight --secret k=v --start-url https://a.test \
             --session-id s-1 --flash --thinking=false --vision auto --judge 42 --skill *",
        );
        let expected = json!({
            "llm": "m", "maxSteps": 7, "allowedDomains": ["a.test", "*.b.test"],
            "metadata": { "team": "a" }, "highlightElements": true, "secrets": { "k": "v" },
            "sessionSettings": {
                "proxyCountryCode": "de", "browserScreenWidth": 640, "browserScreenHeight": 480,
            },
            "startUrl": "https://a.test", "sessionId": "s-1", "flashMode": true,
            "thinking": false, "vision": "auto", "judge": true, "judgeGroundTruth": "42",
            "skillIds": ["*"],
        });
        assert_eq!(Value::Object(body.clone()), expected);

        body.insert("task".to_owned(), "look".into());
        let task: v2::CreateTask = serde_json::from_value(body.into()).unwrap();
        assert!(task.extra.is_empty(), "{:?}", task.extra);
    }

    #[test]
    fn no_proxy_is_said() {
        let expected = json!({ "sessionSettings": { "proxyCountryCode": null } });
        assert_eq!(Value::Object(body("_ --proxy none")), expected);
        assert!(body("_").is_empty());
    }
}
