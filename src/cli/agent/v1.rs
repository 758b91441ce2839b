//! In the words of v1.

use clap::Args;
use serde::Serialize;
use serde_json::json;
use serde_with::skip_serializing_none;

use super::Agent;
use super::Proxy;
use super::schema;
use super::tags;
use crate::cli::body::Fields;
use crate::cli::body::given;
use crate::config::Environment;

/// What only v1 can be told.
#[skip_serializing_none]
#[derive(Debug, Args, Serialize)]
pub(in crate::cli) struct AgentOfV1 {
    /// Keep cookies and other data of the browser.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    save_browser_data: Option<bool>,

    /// Use an ad blocker; so unless `--adblock=false`.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    #[serde(rename = "use_adblock")]
    adblock: Option<bool>,

    /// Names of files to give to it, uploaded before with `tidings cloud files upload`.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[serde(rename = "included_file_names", skip_serializing_if = "Vec::is_empty")]
    file: Vec<String>,

    /// Let anybody see it who has the address.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    #[serde(rename = "enable_public_share")]
    public: Option<bool>,
}

impl Agent {
    /// The fields of a v1 request.
    pub(in crate::cli) fn in_v1(&self, environment: &Environment) -> anyhow::Result<Fields> {
        let proxy = self.proxy.as_ref();
        Ok(given([
            ("llm_model", json!(self.model)),
            ("max_agent_steps", json!(self.max_steps)),
            ("allowed_domains", self.domains()),
            ("structured_output_json", schema(self.schema.as_deref())?),
            ("metadata", tags(&self.metadata)),
            ("use_proxy", json!(proxy.map(Proxy::is_used))),
            ("proxy_country_code", json!(proxy.and_then(Proxy::country))),
            ("browser_viewport_width", json!(self.width())),
            ("browser_viewport_height", json!(self.height())),
            ("highlight_elements", json!(self.highlight)),
            ("secrets", self.secrets.read(environment)?),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::Value;

    use super::*;
    use crate::cli::body::fields_of;
    use crate::cli::body::lay_over;
    use crate::cloud::v1;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        agent: Agent,
        #[command(flatten)]
        of_v1: AgentOfV1,
    }

    fn body(line: &str) -> Fields {
        let line = Line::parse_from(line.split(' '));
        let mut body = line.agent.in_v1(&Environment::default()).unwrap();
        lay_over(&mut body, fields_of(&line.of_v1));
        body
    }

    #[test]
    fn every_option_is_a_documented_field() {
        let mut body = body(
            "_ --model m --max-steps 7 --allow a.test,*.b.test --metadata team=a --proxy de \
             --viewport 640x480 --highlight --secret k=v --save-browser-data --adblock=false \
             --file a.csv --public",
        );
        let expected = json!({
            "llm_model": "m", "max_agent_steps": 7, "allowed_domains": ["a.test", "*.b.test"],
            "metadata": { "team": "a" }, "use_proxy": true, "proxy_country_code": "de",
            "browser_viewport_width": 640, "browser_viewport_height": 480,
            "highlight_elements": true, "secrets": { "k": "v" }, "save_browser_data": true,
            "use_adblock": false, "included_file_names": ["a.csv"], "enable_public_share": true,
        });
        assert_eq!(Value::Object(body.clone()), expected);

        body.insert("task".to_owned(), "look".into());
        let task: v1::RunTask = serde_json::from_value(body.into()).unwrap();
        assert!(task.extra.is_empty(), "{:?}", task.extra);
    }

    #[test]
    fn no_proxy_is_said() {
        assert_eq!(
            Value::Object(body("_ --proxy none")),
            json!({ "use_proxy": false })
        );
        assert!(body("_").is_empty());
    }
}
