//! The launcher as a program of its own, as the units start it.

use std::process::ExitCode;

fn main() -> ExitCode {
    kafnix_launch::main(&[], std::env::args_os().skip(1))
}
