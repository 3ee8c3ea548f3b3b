//! A connection to one broker: frames around the messages of `kafka-protocol`, in versions that both
//! sides know. Which broker to ask is for the caller to say; nothing is redirected or repeated here.

pub mod admin;
pub mod alter;
pub mod records;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{
    ApiKey, ApiVersionsRequest, FetchRequest, MetadataRequest, ProduceRequest, RequestHeader, ResponseHeader,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Message, Request, StrBytes};

use crate::{Target, Transport, within};

/// No answer to what is asked here comes near this; what does is no broker.
const MOST_BYTES: usize = 256 << 20;

const NAME: &str = "kafnix";

/// Since Kafka 2.4, and so in every release that kafnix pins.
const API_VERSIONS: i16 = 3;

/// Later versions name topics by their ids alone, which what is asked here does not know.
const BY_NAME: [(i16, i16); 3] =
    [(ProduceRequest::KEY, 12), (FetchRequest::KEY, 12), (MetadataRequest::KEY, 12)];

#[derive(Debug)]
pub struct Connection {
    transport: Transport,
    asked: i32,
    /// What the broker answers, by key: the lowest and the highest version.
    versions: BTreeMap<i16, (i16, i16)>,
}

impl Connection {
    pub async fn open(target: &Target) -> Result<Self> {
        Self::over(target.open().await?).await
    }

    /// Greets the broker behind a connection that is open already.
    pub async fn over(transport: Transport) -> Result<Self> {
        let mut connection = Self { transport, asked: 0, versions: BTreeMap::new() };
        let request = ApiVersionsRequest::default()
            .with_client_software_name(StrBytes::from_static_str(NAME))
            .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")));
        let answer = connection.ask_in(&request, API_VERSIONS).await?;
        let untold = || format!("{} does not tell what it answers", connection.address());
        ensure(answer.error_code).with_context(untold)?;
        let versions = answer.api_keys.iter().map(|api| (api.api_key, (api.min_version, api.max_version)));
        connection.versions = versions.collect();
        Ok(connection)
    }

    /// Where the broker was reached.
    fn address(&self) -> &str {
        &self.transport.target.address
    }

    /// How long the broker may take for what it is asked, in milliseconds.
    pub(super) fn timeout(&self) -> i32 {
        i32::try_from(self.transport.target.limit.as_millis()).unwrap_or(i32::MAX)
    }

    /// Asks in the highest version that both sides know.
    pub async fn ask<R: Request>(&mut self, request: &R) -> Result<R::Response> {
        let version = self.version::<R>()?;
        self.ask_in(request, version).await
    }

    /// The version in which a request is asked.
    pub(super) fn version<R: Request>(&self) -> Result<i16> {
        let ours = <R as Message>::VERSIONS;
        let most = BY_NAME.iter().find(|(key, _)| *key == R::KEY).map_or(ours.max, |(_, most)| *most);
        let Some((lowest, highest)) = self.versions.get(&R::KEY) else {
            bail!("{} does not answer {}", self.address(), name(R::KEY));
        };
        let version = most.min(*highest);
        ensure!(
            version >= ours.min && version >= *lowest,
            "{} answers {} in versions {lowest} to {highest}, and kafnix asks in {} to {most}",
            self.address(),
            name(R::KEY),
            ours.min
        );
        Ok(version)
    }

    async fn ask_in<R: Request>(&mut self, request: &R, version: i16) -> Result<R::Response> {
        let Target { address, limit, .. } = self.transport.target.clone();
        self.asked = self.asked.wrapping_add(1);
        let exchange = async {
            let exchanged = self.exchange(request, version).await;
            exchanged.with_context(|| format!("{address} gives no good answer to {}", name(R::KEY)))
        };
        within(limit, &format!("{address}, asked {},", name(R::KEY)), exchange).await
    }

    async fn exchange<R: Request>(&mut self, request: &R, version: i16) -> Result<R::Response> {
        let frame = frame(request, version, self.asked)?;
        self.transport.send(&frame).await.context("the connection broke")?;
        loop {
            let answer = self.read().await?;
            if !self.is_late(&answer) {
                return decode::<R>(answer, version, self.asked);
            }
        }
    }

    /// Whether it answers an earlier question, whose time was over before it came.
    fn is_late(&self, answer: &[u8]) -> bool {
        let id = answer.first_chunk().map(|id| i32::from_be_bytes(*id));
        id.is_some_and(|id| id.wrapping_sub(self.asked) < 0)
    }

    async fn read(&mut self) -> Result<Bytes> {
        let mut size = [0; size_of::<i32>()];
        self.transport.receive(&mut size).await.context("the connection broke before an answer came")?;
        let size = usize::try_from(i32::from_be_bytes(size)).ok().filter(|size| *size <= MOST_BYTES);
        let size = size.context("what answers is not a Kafka broker, or speaks TLS")?;
        let mut answer = vec![0; size];
        self.transport.receive(&mut answer).await.context("the connection broke within an answer")?;
        Ok(answer.into())
    }
}

/// A request as it goes over the wire, behind its length.
fn frame<R: Request>(request: &R, version: i16, asked: i32) -> Result<Bytes> {
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(asked)
        .with_client_id(Some(StrBytes::from_static_str(NAME)));
    let mut body = BytesMut::new();
    header.encode(&mut body, R::header_version(version))?;
    request.encode(&mut body, version)?;
    let mut frame = BytesMut::with_capacity(body.len() + size_of::<i32>());
    frame.put_i32(i32::try_from(body.len()).context("the request is too long")?);
    frame.put_slice(&body);
    Ok(frame.freeze())
}

fn decode<R: Request>(mut answer: Bytes, version: i16, asked: i32) -> Result<R::Response> {
    let header = ResponseHeader::decode(&mut answer, R::Response::header_version(version))?;
    ensure!(header.correlation_id == asked, "the answer belongs to another question");
    R::Response::decode(&mut answer, version)
}

/// How Kafka calls a request.
fn name(key: i16) -> String {
    ApiKey::try_from(key).map_or_else(|()| format!("request {key}"), |key| format!("{key:?}"))
}

/// An error code of an answer as an error.
pub fn ensure(code: i16) -> Result<()> {
    match ResponseError::try_from_code(code) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// What an error code stands for, in Kafka's words.
pub fn error(code: i16) -> Option<String> {
    let error = ResponseError::try_from_code(code)?;
    Some(error.to_string())
}

#[cfg(test)]
mod tests {
    use kafnix_protocol::requests;

    use super::*;

    fn is_request<R: Request>(bytes: &'static [u8], version: i16, request: &R) {
        let mut rest = Bytes::from_static(&bytes[size_of::<i32>()..]);
        let header = RequestHeader::decode(&mut rest, R::header_version(version)).unwrap();
        assert_eq!((header.request_api_key, header.request_api_version), (R::KEY, version));
        assert_eq!(header.client_id.as_deref(), Some("kafnix-launch"));
        let mut body = BytesMut::new();
        request.encode(&mut body, version).unwrap();
        assert_eq!(rest, body.freeze());
    }

    #[test]
    fn the_launchers_bytes_are_what_the_library_writes() {
        is_request(requests::API_VERSIONS, 0, &ApiVersionsRequest::default());
    }
}
