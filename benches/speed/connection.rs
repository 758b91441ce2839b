//! A keep-alive HTTP/1.1 connection that costs the loader next to nothing.

use std::net::SocketAddr;

use anyhow::Context as _;
use anyhow::bail;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

/// More headers than any server sends.
const HEADERS: usize = 32;

/// A connection with at most one request under way.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// What the server said.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: &'a [u8],
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(to: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(to)
            .await
            .with_context(|| format!("nobody listens on {to}"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: Vec::with_capacity(4096),
        })
    }

    /// Sends a whole request and waits for the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.send(request).await?;
        self.answer().await
    }

    /// Sends a whole request.
    pub(crate) async fn send(&mut self, request: &[u8]) -> anyhow::Result<()> {
        Ok(self.stream.write_all(request).await?)
    }

    /// Waits for the whole answer.
    pub(crate) async fn answer(&mut self) -> anyhow::Result<Answer<'_>> {
        self.read.clear();
        loop {
            let more = self.stream.read_buf(&mut self.read).await?;
            if more == 0 {
                bail!("the server closed the connection");
            }
            if let Some(head) = Head::parse(&self.read)?
                && let Some(body) = self.read.get(head.length..head.length + head.body_length)
            {
                // Borrowed once more for the answer: the borrow checker does not see that the loop
                // ends here.
                let body = head.length..head.length + body.len();
                return Ok(Answer {
                    status: head.status,
                    body: &self.read[body],
                });
            }
        }
    }

    /// Asks for a page.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Answer<'_>> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.exchange(request.as_bytes()).await
    }
}

/// The part of an answer in front of its body.
struct Head {
    status: u16,
    length: usize,
    body_length: usize,
}

impl Head {
    /// None: there is more of it to come.
    fn parse(read: &[u8]) -> anyhow::Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(length) = response.parse(read)? else {
            return Ok(None);
        };
        let status = response.code.context("an answer without a status")?;
        let declared = response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case("content-length"));
        let body_length = match declared {
            Some(header) => std::str::from_utf8(header.value)?.parse()?,
            None if status == 204 => 0,
            None => bail!("the loader reads only answers with a Content-Length"),
        };
        Ok(Some(Self {
            status,
            length,
            body_length,
        }))
    }
}
