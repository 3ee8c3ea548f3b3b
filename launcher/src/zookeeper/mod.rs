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
use crate::{addresses, life, runtime};
use server::Server;

pub fn run(this: &[&str], options: &options::ZooKeeper, teller: &Teller) -> Result<u8> {
    runtime()?.block_on(async {
        let mut signals = Signals::new()?;
        let server = Server::read(options)?;
        let data = directories::take(&server)?;
        let plan = vote::plan(options.release, options.state, vote::remembers(&server)?, data);
        let work = async {
            addresses::wait_until_here(&server.bound, teller).await?;
            vote::prepare(&server, plan, teller).await
        };
        if life::before(&mut signals, work).await?.is_none() {
            return Ok(STOPPED);
        }
        teller.say(Phase::Starting, "starting");
        let watch = watch::watch(&server, plan, teller);
        let java = (this, &options.java[..]);
        life::live(java, &mut signals, teller, watch, async || watch::stopping(teller)).await
    })
}
