//! A child process: its lines are read while it runs, and it is killed when it takes too long. Where there are no processes,
//! as on a chip, the same call says so.

use heapless::String;
use segno::prelude::*;
use segno::process::Processes;
use segno::protocol::SubprocessProtocol;
use segno::transport::SubprocessTransport;

/// Says two things, and then nothing for much longer than anybody waits.
const SCRIPT: &str = "echo one; echo two; exec sleep 1000";

/// Prints what the child says, line by line.
#[derive(Default)]
struct Lines {
    line: String<80>,
}

impl SubprocessProtocol for Lines {
    fn pipe_data_received(&mut self, fd: u8, data: &[u8]) {
        for byte in data {
            if *byte == b'\n' {
                println!("{}: {}", if fd == 1 { "output" } else { "error" }, self.line);
                self.line.clear();
            } else {
                // The rest of a line that is too long is left out.
                self.line.push(char::from(*byte)).ok();
            }
        }
    }

    fn process_exited(&mut self) {
        println!("it has exited");
    }
}

#[segno::coroutine]
async fn runs(lp: &'static EventLoop, processes: impl Processes, patience: Duration) -> Result<(), LineError> {
    let (process, _) = lp.subprocess_exec(&processes, Lines::default(), "echo", &["hello"])?;
    process.wait_closed().await;
    println!("return code {:?}", process.get_returncode());
    let (mut process, _) = lp.subprocess_shell(&processes, Lines::default(), SCRIPT)?;
    if wait_for(process.wait_closed(), patience).await.is_err() {
        println!("it takes too long");
        process.kill()?;
        process.wait_closed().await;
    }
    println!("return code {:?}", process.get_returncode());
    Ok(())
}

/// Runs two children, the second one for no longer than `patience`.
pub fn main(lp: &'static EventLoop, processes: impl Processes, patience: Duration) {
    match lp.run_until_complete(runs(lp, processes, patience)) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => println!("error: {error}"),
        Err(error) => println!("error: {error}"),
    }
    lp.close().ok();
}
