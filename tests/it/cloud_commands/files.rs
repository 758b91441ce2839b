//! Files for tasks.

use std::fs;

use insta::assert_snapshot;
use serde_json::json;

use crate::harness::stage::Stage;

#[tokio::test]
async fn a_file_is_uploaded_and_tasks_have_it_by_its_name() {
    let mut stage = Stage::of("cloud").await;
    fs::write(stage.desk.path("data.csv"), "a,b\n1,2\n").unwrap();
    let asks = ["POST /api/v1/uploads/presigned-url"];
    let name = stage.prints(&["files", "upload", "data.csv"], &asks).await;
    assert_eq!(name, "data.csv\n");

    let task = json!({ "task": "Add up", "included_file_names": ["data.csv"] });
    stage.linked.cloud.post("v1/run-task", task).await.is(200);
    let task = json!({ "task": "Add up", "included_file_names": ["other.csv"] });
    let status = stage.linked.cloud.post("v1/run-task", task).await.status;
    assert!(status >= 400, "{status}");
    stage.leaves().await;
}

#[tokio::test]
async fn a_file_can_have_another_name_and_come_from_anywhere() {
    let stage = Stage::of("cloud").await;
    let line = ["files", "upload", "-", "--name", "notes.md", "--json"];
    let ended = stage.runs_with(&line, "# Notes\n").await;
    assert_snapshot!(ended.out, @r#"{"bytes":8,"content_type":"text/markdown","file_name":"notes.md"}"#);
    stage.leaves().await;
}

#[tokio::test]
async fn what_cannot_be_uploaded_is_told_before_anything_leaves() {
    let mut stage = Stage::of("cloud").await;
    stage.linked.asked();
    fs::write(stage.desk.path("data"), "1").unwrap();
    fs::write(
        stage.desk.path("large.csv"),
        vec![b' '; 10 * 1024 * 1024 + 1],
    )
    .unwrap();
    let told = [
        stage.complains(&["files", "upload", "nowhere.csv"]).await,
        stage.objects(&["files", "upload", "data"]).await,
        stage.objects(&["files", "upload", "-"]).await,
        stage.complains(&["files", "upload", "large.csv"]).await,
    ];
    assert_snapshot!(told.concat(), @"
    error: cannot read nowhere.csv: No such file or directory (os error 2)
    error: `data` does not say what it is: give --content-type, or a name that ends with one of txt, csv, json, xml, html, md, jpg, jpeg, png, gif, webp, pdf, doc, docx, xls, xlsx, ppt, pptx
    error: the file has no name that could be told: give --name
    error: large.csv is too large: 10 MiB are the most
    ");
    assert_eq!(stage.linked.asked(), Vec::<String>::new());
    stage.leaves().await;
}
