//! The clients of a measurement: many keep-alive connections driven by one thread, with as little work of their own as can be.
//!
//! Clients and server share the machine, so what a client burns the server does not have; a client of a general library took
//! a core for itself. Must not: follow redirects, unpack, speak anything but HTTP/1.1 with `content-length`. Invariant: an
//! answer of another status than wanted, or none, fails the measurement; nothing is left out of the figures.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use jingwei_engine::clock::Stopwatch;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::Result;

/// Room for one read.
const CHUNK: usize = 64 * 1024;

/// What a load came to.
pub(crate) struct Outcome {
    /// Time from request to the whole answer, microseconds, of every request.
    pub(crate) micros: Vec<u32>,
    /// Seconds from the first request to the last answer.
    pub(crate) seconds: f64,
}

impl Outcome {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.micros.len() as f64 / self.seconds
    }
}

/// A POST of JSON.
pub(crate) fn post(path: &str, token: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A GET.
pub(crate) fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n")
        .into_bytes()
}

/// Drives `clients` connections, each sending its next request when the last was answered with `status`.
///
/// `next` gets the number of the client and the time since the start, and gives the next request or `None` when that client
/// is done. Making a request is not part of its time.
pub(crate) fn drive(
    address: SocketAddr,
    clients: usize,
    status: u16,
    next: impl Fn(usize, Duration) -> Option<Vec<u8>> + 'static,
) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let tasks = LocalSet::new();
    let (micros, seconds) = tasks.block_on(&runtime, async move {
        let mut connections = Vec::with_capacity(clients);
        for _ in 0..clients {
            connections.push(Connection::open(address).await?);
        }
        let (next, watch) = (Rc::new(next), Stopwatch::start());
        let mut running = Vec::with_capacity(clients);
        for (client, mut connection) in connections.into_iter().enumerate() {
            let next = Rc::clone(&next);
            running.push(tokio::task::spawn_local(async move {
                let mut micros: Vec<u32> = Vec::new();
                while let Some(request) = next(client, watch.elapsed()) {
                    let sent = Stopwatch::start();
                    let (got, body) = connection.ask(&request).await?;
                    micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                    if got != status {
                        let body = String::from_utf8_lossy(body);
                        return Err(Error::other(format!(
                            "{got} where {status} was wanted: {body}"
                        )));
                    }
                }
                Ok(micros)
            }));
        }
        let mut micros = Vec::new();
        for task in running {
            micros.extend(task.await.map_err(Error::other)??);
        }
        Ok::<_, Error>((micros, watch.elapsed().as_secs_f64()))
    })?;
    Ok(Outcome { micros, seconds })
}

/// One keep-alive connection.
struct Connection {
    stream: TcpStream,
    inbox: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            inbox: Vec::with_capacity(CHUNK),
        })
    }

    /// Sends a request and waits for the whole answer: its status and body.
    async fn ask(&mut self, request: &[u8]) -> std::io::Result<(u16, &[u8])> {
        self.send(request).await?;
        self.inbox.clear();
        let mut head = None;
        loop {
            if head.is_none() {
                head = Head::read(&self.inbox)?;
            }
            if let Some(Head { status, from, to }) = head
                && self.inbox.len() >= to
            {
                return Ok((status, &self.inbox[from..to]));
            }
            self.receive().await?;
        }
    }

    async fn send(&self, mut rest: &[u8]) -> std::io::Result<()> {
        while !rest.is_empty() {
            match self.stream.try_write(rest) {
                Ok(sent) => rest = &rest[sent..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.stream.writable().await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn receive(&mut self) -> std::io::Result<()> {
        loop {
            self.stream.readable().await?;
            let before = self.inbox.len();
            self.inbox.resize(before + CHUNK, 0);
            let got = self.stream.try_read(&mut self.inbox[before..]);
            self.inbox
                .truncate(before + got.as_ref().copied().unwrap_or(0));
            match got {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The head of an answer: its status, and where its body lies in the inbox.
#[derive(Clone, Copy)]
struct Head {
    status: u16,
    from: usize,
    to: usize,
}

impl Head {
    /// `None` until the head is whole.
    fn read(inbox: &[u8]) -> std::io::Result<Option<Self>> {
        let Some(end) = inbox.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&inbox[..end]).map_err(Error::other)?;
        let status = text.get(9..12).and_then(|digits| digits.parse().ok());
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            if name.eq_ignore_ascii_case("content-length") {
                value.trim().parse::<usize>().ok()
            } else {
                None
            }
        });
        match (status, length) {
            (Some(status), Some(length)) => Ok(Some(Self {
                status,
                from: end + 4,
                to: end + 4 + length,
            })),
            _ => Err(Error::other(format!(
                "an answer without status or content-length: {text}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_length_is_there() {
        let text = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nContent-Length: 2\r\n\r\n{}";
        for cut in 0..text.len() - 2 {
            assert!(
                Head::read(&text[..cut]).expect("no fault").is_none(),
                "{cut} bytes are no head"
            );
        }
        let head = Head::read(text).expect("no fault").expect("a head");
        assert_eq!(
            (head.status, &text[head.from..head.to]),
            (201, b"{}".as_slice())
        );
        assert!(Head::read(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
