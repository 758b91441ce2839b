//! `tidings cloud files`: files for tasks.

use std::path::Path;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use clap::Subcommand;
use serde_json::json;

use super::Gateway;
use crate::cli::Context;
use crate::cli::arguments::WrongUsage;
use crate::cli::bar::Bar;
use crate::cli::input;
use crate::cloud::v1::LARGEST_UPLOAD;
use crate::cloud::v1::PresignUpload;

/// The types of files that Browser Use takes, by the ends of their names.
const TYPES: [(&str, &str); 18] = [
    ("txt", "text/plain"),
    ("csv", "text/csv"),
    ("json", "application/json"),
    ("xml", "application/xml"),
    ("html", "text/html"),
    ("md", "text/markdown"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("pdf", "application/pdf"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("ppt", "application/vnd.ms-powerpoint"),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
];

/// Uploads files for tasks.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud files upload data.csv")]
pub(super) struct Files {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Upload(Upload),
}

/// Uploads a file of at most 10 MB, and prints the name by which tasks have it.
///
/// It goes straight to where Browser Use keeps files, at an address that it gives for it. It is
/// kept for 30 days, or as long as a scheduled task uses it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tidings cloud files upload data.csv\n  \
                  tidings tasks run --api v1 --file data.csv \"Add up the column `price`\"")]
struct Upload {
    /// The file; `-` is the standard input, which needs a --name.
    file: PathBuf,

    /// What to call it; else as it is called here.
    #[arg(long)]
    name: Option<String>,

    /// What it is; else what the end of its name says.
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
}

impl Files {
    pub(super) async fn run(self, context: &Context, gateway: &Gateway) -> anyhow::Result<()> {
        let Command::Upload(upload) = self.command;
        let file = upload.described()?;
        let bytes = input::read(&upload.file, LARGEST_UPLOAD)?;
        let size = bytes.len();

        let bar = Bar::new(context.output, "uploaded", Some(size as u64));
        let sent = move |so_far| bar.reaches(so_far);
        gateway.v1().upload(&file, bytes, sent).await?;

        let new = json!({
            "file_name": file.file_name, "content_type": file.content_type, "bytes": size,
        });
        Ok(context.output.word(&new, &file.file_name)?)
    }
}

impl Upload {
    /// The file as it is announced.
    fn described(&self) -> anyhow::Result<PresignUpload> {
        let own_name = self.file.file_name().and_then(|name| name.to_str());
        let Some(name) = self
            .name
            .as_deref()
            .or(own_name.filter(|name| *name != "-"))
        else {
            let told = "the file has no name that could be told: give --name";
            bail!(WrongUsage(told.to_owned()));
        };
        let content_type = self.content_type.as_deref().or_else(|| type_of(name));
        let content_type = content_type.ok_or_else(|| {
            let ends: Vec<_> = TYPES.iter().map(|(end, _)| *end).collect();
            WrongUsage(format!(
                "`{name}` does not say what it is: give --content-type, or a name that ends with \
                 one of {}",
                ends.join(", ")
            ))
        })?;
        Ok(PresignUpload {
            file_name: name.to_owned(),
            content_type: content_type.to_owned(),
            ..PresignUpload::default()
        })
    }
}

fn type_of(name: &str) -> Option<&'static str> {
    let end = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
    let known = TYPES.iter().find(|(known, _)| *known == end);
    known.map(|(_, content_type)| *content_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(file: &str, name: Option<&str>) -> anyhow::Result<(String, String)> {
        let upload = Upload {
            file: file.into(),
            name: name.map(str::to_owned),
            content_type: None,
        };
        let file = upload.described()?;
        Ok((file.file_name, file.content_type))
    }

    #[test]
    fn a_file_says_by_its_name_what_it_is() {
        let of = |file, name| described(file, name).unwrap();
        let csv = |name: &str| (name.to_owned(), "text/csv".to_owned());
        assert_eq!(of("folder/Data.CSV", None), csv("Data.CSV"));
        assert_eq!(of("-", Some("data.csv")), csv("data.csv"));
        for (file, name) in [
            ("-", None),
            ("..", None),
            ("data", None),
            ("a.csv", Some("b.exe")),
        ] {
            assert!(described(file, name).is_err(), "{file} {name:?}");
        }
    }
}
