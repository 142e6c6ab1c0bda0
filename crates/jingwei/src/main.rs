//! `jingwei`: the one binary. Command line, configuration, logging, wiring; no logic.

mod admin;
mod cli;
mod data;
mod demo;
mod http;
mod import;
mod land;
mod open;
mod serve;
mod story;
mod verify;
mod whatif;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    cli::start_logging(&cli);
    let outcome = match &cli.command {
        cli::Command::Serve(options) => serve::run(options),
        cli::Command::Demo(options) => demo::run(options),
        cli::Command::Import(options) => import::run(options),
        cli::Command::Generate(options) => land::generate(options),
        cli::Command::Export(options) => land::export(options),
        cli::Command::Check(options) => verify::run(options),
        cli::Command::Whatif(options) => whatif::run(options),
        cli::Command::Migrate(options) => admin::migrate(options),
        cli::Command::Admin(options) => admin::run(options),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}
