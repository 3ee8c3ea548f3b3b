//! The fake's ZooKeeper server: sessions without watches, and the nodes of the state.

use std::sync::Arc;

use anyhow::Result;
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Fault, Node, Shared, State, end};

const CREATE: i32 = 1;
const DELETE: i32 = 2;
const EXISTS: i32 = 3;
const GET_DATA: i32 = 4;
const SET_DATA: i32 = 5;
const GET_CHILDREN: i32 = 8;
const SYNC: i32 = 9;
const PING: i32 = 11;
const CREATE_2: i32 = 15;
const CLOSE: i32 = -11;

const SYSTEM_ERROR: i32 = -1;
const NO_NODE: i32 = -101;
const BAD_VERSION: i32 = -103;
const NODE_EXISTS: i32 = -110;

/// A response without its header, or an error.
type Response = Result<Bytes, i32>;

pub(crate) async fn serve(mut stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    let mut first = [0; 4];
    stream.read_exact(&mut first).await?;
    let word = match &first {
        b"srvr" if shared.is_electing() => "This ZooKeeper instance is not currently serving requests\n",
        b"srvr" => {
            "Zookeeper version: 3.9.5-fake, built on 01/01/2026\nZxid: 0x200000000\nMode: standalone\nNode count: 5\n"
        }
        b"mntr" => "zk_version\t3.9.5\n",
        b"conf" => "serverId=1\n",
        _ => "",
    };
    if !word.is_empty() {
        return Ok(stream.write_all(word.as_bytes()).await?);
    }
    let mut request = vec![0; usize::try_from(i32::from_be_bytes(first))?];
    stream.read_exact(&mut request).await?;
    let mut session = BytesMut::new();
    session.put_i32(0);
    session.put_i32(6000);
    session.put_i64(1);
    put_data(&mut session, &[0; 16]);
    session.put_u8(0);
    send(&mut stream, &session).await?;
    loop {
        let size = stream.read_i32().await?;
        let mut request = vec![0; usize::try_from(size)?];
        stream.read_exact(&mut request).await?;
        let mut request = Bytes::from(request);
        let (id, code) = (request.get_i32(), request.get_i32());
        let response = match answer(code, request, &shared) {
            Ok(response) => response,
            Err(fault) => return end(fault).await,
        };
        let mut reply = BytesMut::new();
        reply.put_i32(id);
        reply.put_i64(0);
        reply.put_i32(response.as_ref().err().copied().unwrap_or_default());
        reply.extend_from_slice(&response.unwrap_or_default());
        send(&mut stream, &reply).await?;
        if code == CLOSE {
            return Ok(());
        }
    }
}

async fn send(stream: &mut TcpStream, frame: &[u8]) -> Result<()> {
    stream.write_i32(i32::try_from(frame.len())?).await?;
    Ok(stream.write_all(frame).await?)
}

fn answer(code: i32, mut request: Bytes, shared: &Shared) -> Result<Response, Fault> {
    if matches!(code, PING | CLOSE) {
        return Ok(Ok(Bytes::new()));
    }
    let path = String::from_utf8(data(&mut request).to_vec()).unwrap();
    let refuse = |_| Err(SYSTEM_ERROR);
    match code {
        CREATE | CREATE_2 => {
            let value = data(&mut request);
            shared.write(|state| create(state, &path, &value, code == CREATE_2), refuse)
        }
        SET_DATA => {
            let value = data(&mut request);
            let version = request.get_i32();
            shared.write(|state| set(state, &path, &value, version), refuse)
        }
        DELETE => {
            let version = request.get_i32();
            shared.write(|state| delete(state, &path, version), refuse)
        }
        _ => Ok(read(&shared.state(), code, &path)),
    }
}

fn read(state: &State, code: i32, path: &str) -> Response {
    let mut response = BytesMut::new();
    let node = state.nodes.get(path).ok_or(NO_NODE);
    match code {
        SYNC => put_data(&mut response, path.as_bytes()),
        EXISTS => put_stat(&mut response, node?),
        GET_DATA => {
            put_data(&mut response, &node?.data);
            put_stat(&mut response, node?);
        }
        GET_CHILDREN => {
            node?;
            let below = format!("{path}/");
            let names = state.nodes.keys().filter_map(|path| path.strip_prefix(&below));
            let names: Vec<_> = names.filter(|name| !name.contains('/')).collect();
            response.put_i32(i32::try_from(names.len()).unwrap());
            for name in names {
                put_data(&mut response, name.as_bytes());
            }
        }
        code => panic!("a request that the fake does not know: {code}"),
    }
    Ok(response.freeze())
}

fn create(state: &mut State, path: &str, data: &[u8], with_stat: bool) -> Response {
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    if state.nodes.contains_key(path) {
        return Err(NODE_EXISTS);
    }
    if !parent.is_empty() && !state.nodes.contains_key(parent) {
        return Err(NO_NODE);
    }
    let node = Node { data: data.to_vec(), created: state.next_zxid(), version: 0 };
    let mut response = BytesMut::new();
    put_data(&mut response, path.as_bytes());
    if with_stat {
        put_stat(&mut response, &node);
    }
    state.nodes.insert(path.to_owned(), node);
    Ok(response.freeze())
}

fn set(state: &mut State, path: &str, data: &[u8], version: i32) -> Response {
    let node = state.nodes.get_mut(path).ok_or(NO_NODE)?;
    if version != -1 && version != node.version {
        return Err(BAD_VERSION);
    }
    (node.data, node.version) = (data.to_vec(), node.version + 1);
    let mut response = BytesMut::new();
    put_stat(&mut response, node);
    Ok(response.freeze())
}

fn delete(state: &mut State, path: &str, version: i32) -> Response {
    let node = state.nodes.get(path).ok_or(NO_NODE)?;
    if version != -1 && version != node.version {
        return Err(BAD_VERSION);
    }
    state.nodes.remove(path);
    Ok(Bytes::new())
}

/// Text and data are written in one way.
fn data(from: &mut Bytes) -> Bytes {
    let size = usize::try_from(from.get_i32()).unwrap_or_default();
    from.split_to(size)
}

fn put_data(to: &mut BytesMut, data: &[u8]) {
    to.put_i32(i32::try_from(data.len()).unwrap());
    to.put_slice(data);
}

fn put_stat(to: &mut BytesMut, node: &Node) {
    to.put_i64(node.created);
    to.put_i64(node.created);
    to.put_i64(0);
    to.put_i64(0);
    to.put_i32(node.version);
    to.put_i32(0);
    to.put_i32(0);
    to.put_i64(0);
    to.put_i32(i32::try_from(node.data.len()).unwrap());
    to.put_i32(0);
    to.put_i64(node.created);
}
