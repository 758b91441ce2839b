//! Uploading a file: asked for first, then put where the vendor says.

use bytes::Bytes;
use insta::assert_snapshot;
use serde_json::json;
use tidings::cloud::CloudError;
use tidings::cloud::v1;
use wiremock::Mock;
use wiremock::MockServer;
use wiremock::ResponseTemplate;
use wiremock::matchers::method;
use wiremock::matchers::path;

use super::client;
use super::json as answer;
use super::requests;

/// Uploads a file to a store that answers so.
async fn upload(content: Bytes, store: ResponseTemplate) -> (MockServer, Result<(), CloudError>) {
    let server = MockServer::start().await;
    let there = json!({ "upload_url": format!("{}/store/1?permission=s3cret", server.uri()) });
    Mock::given(path("/api/v1/uploads/presigned-url"))
        .respond_with(answer(there))
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(path("/store/1"))
        .respond_with(store)
        .mount(&server)
        .await;
    let file = v1::PresignUpload {
        file_name: "data.csv".to_owned(),
        content_type: "text/csv".to_owned(),
        ..v1::PresignUpload::default()
    };
    let uploaded = client(&server).v1().upload(&file, content, |_| {}).await;
    (server, uploaded)
}

#[tokio::test]
async fn a_file_is_put_where_the_vendor_says_and_without_the_key() {
    let content = Bytes::from_static(b"a,b\n1,2\n");
    let (server, uploaded) = upload(content.clone(), ResponseTemplate::new(200)).await;

    uploaded.unwrap();

    let [asked, put] = <[_; 2]>::try_from(requests(&server).await).unwrap();
    assert_eq!(asked.method, "POST");
    assert_eq!(put.url.query(), Some("permission=s3cret"));
    assert_eq!(put.body, content);
    assert_eq!(put.headers["content-type"], "text/csv");
    assert_eq!(put.headers["content-length"], "8");
    for credential in ["authorization", "x-browser-use-api-key"] {
        assert!(!put.headers.contains_key(credential), "{credential}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_taken_is_told_without_its_address() {
    let mut told = Vec::new();
    for status in [403, 500] {
        let (server, uploaded) = upload(Bytes::new(), ResponseTemplate::new(status)).await;
        let error = uploaded.unwrap_err().to_string();
        told.push(error.replace(&server.address().to_string(), "[address]"));
    }
    assert_snapshot!(told.join("\n"), @"
    upload of `data.csv`: Browser Use refuses this (403 Forbidden from [address])
    upload of `data.csv`: Browser Use is down or cannot be reached (500 Internal Server Error from [address]): try again later
    ");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_even_asked_for() {
    let large = Bytes::from(vec![0; 10 * 1024 * 1024 + 1]);
    let (server, uploaded) = upload(large, ResponseTemplate::new(200)).await;
    assert_snapshot!(uploaded.unwrap_err(), @"upload of `data.csv`: `file` has 10485761 bytes: 10485760 are the most");
    assert_eq!(requests(&server).await.len(), 0);
}
