//! `tidings cloud scheduled`: tasks that run again and again.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use clap::Subcommand;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use serde_with::skip_serializing_none;

use super::Gateway;
use super::pages;
use super::shown;
use crate::cli::Context;
use crate::cli::agent::Agent;
use crate::cli::agent::AgentOfV1;
use crate::cli::agent::tags;
use crate::cli::arguments::WrongUsage;
use crate::cli::arguments::pair;
use crate::cli::body;
use crate::cli::body::BodyFile;
use crate::cli::body::Fields;
use crate::cli::body::fields_of;
use crate::cli::body::given;
use crate::cli::body::lay_over;
use crate::cli::table::Column;
use crate::period;

const COLUMNS: [Column; 5] = [
    ("ID", "/id"),
    ("WHEN", "/when"),
    ("NEXT", "/next_run_at"),
    ("ACTIVE", "/is_active"),
    ("TASK", "/task"),
];

/// Shows, makes and changes scheduled tasks: those that run again and again.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud scheduled list")]
pub(super) struct Scheduled {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists them.
    #[command(after_help = "Example:\n  tidings cloud scheduled list --limit 10")]
    List {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },

    Create(Box<Create>),

    /// Shows one.
    #[command(
        after_help = "Example:\n  tidings cloud scheduled show 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
    )]
    Show {
        /// Its id.
        id: String,
    },

    Update(Update),

    /// Deletes one for good. A run under way goes on.
    #[command(
        after_help = "Example:\n  tidings cloud scheduled delete 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
    )]
    Delete {
        /// Its id.
        id: String,
    },
}

/// Makes one, and prints its id.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  tidings cloud scheduled create \"Look for new papers\" --every 12h\n  \
                  tidings cloud scheduled create \"Book a court\" --cron \"0 9 * * 1\""
)]
struct Create {
    /// What the agent should do.
    #[arg(required_unless_present = "body")]
    task: Option<String>,

    #[command(flatten)]
    rhythm: Rhythm,

    #[command(flatten)]
    body: BodyFile,

    #[command(flatten)]
    agent: Agent,

    #[command(flatten)]
    of_v1: AgentOfV1,
}

/// When it runs.
#[derive(Debug, Args)]
struct Rhythm {
    /// How much time lies between two runs: "30m", "12h", "3d".
    #[arg(long, value_name = "TIME", value_parser = minutes, conflicts_with = "cron")]
    every: Option<u32>,

    /// When it runs, as cron has it: "0 9 * * 1".
    #[arg(long, value_name = "EXPRESSION")]
    cron: Option<String>,

    /// When it begins, as in 2026-11-23T08:00:00Z; now unless given.
    #[arg(long, value_name = "TIME")]
    start: Option<String>,

    /// When it ends; in a year unless given.
    #[arg(long, value_name = "TIME")]
    end: Option<String>,
}

/// Changes one, and shows it as it is then. What is not given stays as it is.
#[skip_serializing_none]
#[derive(Debug, Args, Serialize)]
#[command(
    after_help = "Example:\n  tidings cloud scheduled update 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45 --active=false"
)]
struct Update {
    /// Its id.
    #[serde(skip)]
    id: String,

    /// What the agent should do.
    #[arg(long)]
    task: Option<String>,

    #[command(flatten)]
    #[serde(skip)]
    rhythm: Rhythm,

    /// Let it run, or, with `--active=false`, let it rest.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    #[serde(rename = "is_active")]
    active: Option<bool>,

    /// The model.
    #[arg(long)]
    #[serde(rename = "llm_model")]
    model: Option<String>,

    /// A tag of yours, which webhooks carry; several times for several.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    #[serde(skip)]
    metadata: Vec<(String, String)>,

    #[command(flatten)]
    #[serde(skip)]
    body: BodyFile,
}

impl Scheduled {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let v1 = gateway.v1();
        match self.command {
            Command::List { limit } => {
                let page = async |number, size| {
                    let page = v1.schedules(pages::paging(number, size)).await?;
                    Ok(page.tasks)
                };
                let mut rows = pages::gather(limit, page).await?;
                if !context.output.json {
                    rows.iter_mut().for_each(tell_when);
                }
                shown::list(context, &COLUMNS, rows)?;
            }
            Command::Create(create) => {
                let body = create.body.with(create.fields(context)?)?;
                if !body.contains_key("schedule_type") {
                    let told = "when should it run? Give --every or --cron";
                    bail!(WrongUsage(told.to_owned()));
                }
                let request = body::request(body)?;
                let made = v1.create_schedule(&request).await?;
                context.output.word(&made, &made.id)?;
            }
            Command::Show { id } => shown::show(context, &v1.schedule(&id).await?)?,
            Command::Update(update) => {
                let request = update.body.change(update.fields())?;
                shown::show(context, &v1.update_schedule(&update.id, &request).await?)?;
            }
            Command::Delete { id } => {
                v1.delete_schedule(&id).await?;
                context.output.note(format_args!("{id} is deleted"));
            }
        }
        Ok(())
    }
}

impl Create {
    fn fields(&self, context: &Context) -> anyhow::Result<Fields> {
        let mut fields = given([("task", json!(self.task))]);
        lay_over(&mut fields, self.rhythm.fields());
        lay_over(&mut fields, self.agent.in_v1(&context.environment)?);
        lay_over(&mut fields, fields_of(&self.of_v1));
        Ok(fields)
    }
}

impl Update {
    fn fields(&self) -> Fields {
        let mut fields = fields_of(self);
        lay_over(&mut fields, self.rhythm.fields());
        lay_over(&mut fields, given([("metadata", tags(&self.metadata))]));
        fields
    }
}

impl Rhythm {
    fn fields(&self) -> Fields {
        let kind = match (self.every, &self.cron) {
            (Some(_), _) => Some("interval"),
            (None, Some(_)) => Some("cron"),
            (None, None) => None,
        };
        given([
            ("schedule_type", json!(kind)),
            ("interval_minutes", json!(self.every)),
            ("cron_expression", json!(self.cron)),
            ("start_at", json!(self.start)),
            ("end_at", json!(self.end)),
        ])
    }
}

/// A length of time in whole minutes: Browser Use knows no shorter ones.
fn minutes(text: &str) -> Result<u32, String> {
    let seconds = period::parse(text)?.as_secs();
    match u32::try_from(seconds / 60) {
        Ok(minutes) if minutes > 0 && seconds % 60 == 0 => Ok(minutes),
        _ => Err("write whole minutes, as in \"30m\", \"12h\", \"3d\"".to_owned()),
    }
}

/// Says in one column when a schedule runs.
fn tell_when(row: &mut Value) {
    let minutes = row["interval_minutes"]
        .as_u64()
        .filter(|_| row["schedule_type"] != "cron");
    row["when"] = match minutes {
        Some(minutes) => {
            let every = Duration::from_secs(minutes.saturating_mul(60));
            format!("every {}", period::text(every)).into()
        }
        None => row["cron_expression"].clone(),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_has_whole_minutes() {
        assert_eq!(minutes("30m"), Ok(30));
        assert_eq!(minutes("1d"), Ok(1440));
        for text in ["30s", "90s", "0m", "soon"] {
            assert!(minutes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_schedule_says_when_it_runs() {
        let when = |mut row: Value| {
            tell_when(&mut row);
            row["when"].clone()
        };
        let interval = json!({ "schedule_type": "interval", "interval_minutes": 90 });
        assert_eq!(when(interval), "every 1h 30m");
        let cron = json!({ "schedule_type": "cron", "cron_expression": "0 9 * * 1" });
        assert_eq!(when(cron), "0 9 * * 1");
    }
}
