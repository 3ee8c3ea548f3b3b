//! The life of a ZooKeeper server.

mod server;
mod directories;
mod vote;
mod watch;

use anyhow::Result;

use crate::ended::STOPPED;
use crate::notify::{Phase, Teller};
use crate::options;
use crate::signals::Signals;
use crate::{life, runtime};
use server::Server;

pub fn run(this: &[&str], options: &options::ZooKeeper, teller: &Teller) -> Result<u8> {
    runtime()?.block_on(async {
        let mut signals = Signals::new()?;
        let server = Server::read(options)?;
        let data = directories::take(&server)?;
        let plan = vote::plan(options.release, options.state, vote::remembers(&server)?, data);
        if life::before(&mut signals, vote::prepare(&server, plan, teller)).await?.is_none() {
            return Ok(STOPPED);
        }
        teller.say(Phase::Starting, "starting");
        let watch = watch::watch(&server, plan, teller);
        let java = (this, &options.java[..]);
        life::live(java, &mut signals, teller, watch, async || watch::stopping(teller)).await
    })
}
