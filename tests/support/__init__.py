"""What tests share: waiting, ports, certificates, and the program as a process."""
