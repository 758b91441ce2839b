//! `tidings cloud profiles`: what a task's browser is like, and what it remembers.

use clap::Args;
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;
use serde_with::skip_serializing_none;

use super::Gateway;
use super::pages;
use super::shown;
use crate::cli::Context;
use crate::cli::agent::Proxy;
use crate::cli::agent::Viewport;
use crate::cli::body::BodyFile;
use crate::cli::body::Fields;
use crate::cli::body::fields_of;
use crate::cli::body::given;
use crate::cli::body::lay_over;
use crate::cli::table::Column;

const COLUMNS: [Column; 6] = [
    ("ID", "/profile_id"),
    ("NAME", "/profile_name"),
    ("KEEPS DATA", "/persist"),
    ("AD BLOCKER", "/ad_blocker"),
    ("PROXY", "/proxy_country_code"),
    ("DESCRIPTION", "/description"),
];

/// Shows, makes and changes browser profiles.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud profiles list")]
pub(super) struct Profiles {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists them.
    #[command(after_help = "Example:\n  tidings cloud profiles list --json")]
    List {
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },

    /// Makes one, and prints its id.
    #[command(after_help = "Example:\n  tidings cloud profiles create shop --proxy de")]
    Create {
        /// Its name.
        #[arg(required_unless_present = "body")]
        name: Option<String>,

        #[command(flatten)]
        settings: Settings,

        #[command(flatten)]
        body: BodyFile,
    },

    /// Shows one.
    #[command(
        after_help = "Example:\n  tidings cloud profiles show 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
    )]
    Show {
        /// Its id.
        id: String,
    },

    /// Changes one, and shows it as it is then. What is not given stays as it is.
    #[command(
        after_help = "Example:\n  tidings cloud profiles update 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45 --proxy none"
    )]
    Update {
        /// Its id.
        id: String,

        /// Its name.
        #[arg(long)]
        name: Option<String>,

        #[command(flatten)]
        settings: Settings,

        #[command(flatten)]
        body: BodyFile,
    },

    /// Deletes one and its browser's data for good.
    #[command(
        after_help = "Example:\n  tidings cloud profiles delete 5b73fb3f-a3cb-4912-be40-17ce9e9e1a45"
    )]
    Delete {
        /// Its id.
        id: String,
    },
}

/// What its browser is like.
#[skip_serializing_none]
#[derive(Debug, Args, Serialize)]
struct Settings {
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// Keep cookies and other data between tasks; so unless `--persist=false`.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    persist: Option<bool>,

    /// Block ads and popups; so unless `--ad-blocker=false`.
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    ad_blocker: Option<bool>,

    /// The proxy's country, such as `de`; `none` is no proxy.
    #[arg(long, value_name = "COUNTRY")]
    #[serde(skip)]
    proxy: Option<Proxy>,

    /// How large its screen is, in pixels; 1280x960 unless given.
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    #[serde(skip)]
    viewport: Option<Viewport>,
}

impl Profiles {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let v1 = gateway.v1();
        match self.command {
            Command::List { limit } => {
                let page = async |number, size| {
                    let page = v1.profiles(pages::paging(number, size)).await?;
                    Ok(page.profiles)
                };
                let rows = pages::gather(limit, page).await?;
                shown::list(context, &COLUMNS, rows)?;
            }
            Command::Create {
                name,
                settings,
                body,
            } => {
                let request = body.request(settings.fields(name.as_deref()))?;
                let made = v1.create_profile(&request).await?;
                context.output.word(&made, &made.profile_id)?;
            }
            Command::Show { id } => shown::show(context, &v1.profile(&id).await?)?,
            Command::Update {
                id,
                name,
                settings,
                body,
            } => {
                let request = body.change(settings.fields(name.as_deref()))?;
                shown::show(context, &v1.update_profile(&id, &request).await?)?;
            }
            Command::Delete { id } => {
                v1.delete_profile(&id).await?;
                context.output.note(format_args!("{id} is deleted"));
            }
        }
        Ok(())
    }
}

impl Settings {
    /// With the profile's name, as the API calls them.
    fn fields(&self, name: Option<&str>) -> Fields {
        let (proxy, viewport) = (self.proxy.as_ref(), self.viewport);
        let mut fields = fields_of(self);
        let others = given([
            ("profile_name", json!(name)),
            ("proxy", json!(proxy.map(Proxy::is_used))),
            ("proxy_country_code", json!(proxy.and_then(Proxy::country))),
            (
                "browser_viewport_width",
                json!(viewport.map(|viewport| viewport.width)),
            ),
            (
                "browser_viewport_height",
                json!(viewport.map(|viewport| viewport.height)),
            ),
        ]);
        lay_over(&mut fields, others);
        fields
    }
}
