//! [`Process`]: this program again, as a process of its own, with its output shown as it comes.

use std::env;
use std::error::Error;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use super::worker::Orders;

/// How long a process may say nothing.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    pub fn start(name: &str, orders: &Orders) -> io::Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args(orders.to_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let (tell, lines) = mpsc::channel();
        let name = name.to_owned();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                println!("  {name}  {line}");
                // Nobody may be listening any more.
                let _ = tell.send(line);
            }
        });
        Ok(Self { child, lines })
    }

    /// Lets it begin.
    pub fn go(&mut self) -> io::Result<()> {
        match &mut self.child.stdin {
            Some(input) => input.write_all(b"go\n"),
            None => Err(io::Error::other("no input")),
        }
    }

    /// Waits until it says something that begins like this.
    pub fn wait_for(&mut self, beginning: &str) -> Result<(), Box<dyn Error>> {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.starts_with(beginning) => return Ok(()),
                Ok(_) => {}
                Err(_) => return Err(format!("a process never said: {beginning}").into()),
            }
        }
    }

    /// Ends it at once, wherever it is.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Most have ended by themselves.
        let _ = self.kill();
    }
}
