//! The life of a ZooKeeper server.

mod server;
mod directories;
mod vote;
mod watch;

use anyhow::Result;

use crate::child::Java;
use crate::exit::STOPPED;
use crate::notify::{Phase, StatusReporter};
use crate::options;
use crate::signals::Signals;
use crate::{addresses, runtime, supervise};
use server::Server;

pub fn run(this: &[&str], options: &options::ZooKeeper, reporter: &StatusReporter) -> Result<u8> {
    runtime()?.block_on(async {
        let mut signals = Signals::new()?;
        let server = Server::read(options)?;
        let data = directories::take(&server)?;
        let plan = vote::plan(options.jvm.release, options.state, vote::remembers(&server)?, data);
        let work = async {
            addresses::wait_until_here(&server.bound, reporter).await?;
            vote::prepare(&server, plan, reporter).await
        };
        if supervise::before(&mut signals, work).await?.is_none() {
            return Ok(STOPPED);
        }
        reporter.say(Phase::Starting, "starting");
        let watch = watch::watch(&server, plan, reporter);
        let java = Java::of(this, &options.java(), "zookeeper", Box::new(|_| ()))?;
        let stopping = async || watch::stopping(reporter);
        Ok(supervise::live(java, &mut signals, reporter, watch, stopping).await?.status)
    })
}
