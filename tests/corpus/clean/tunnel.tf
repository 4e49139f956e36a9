resource "aws_instance" "x" {
  ami       = "ami-1"
  tags      = { Name = "socat" }
  user_data = <<-EOF
    #!/bin/bash
    yum install -y socat
  EOF
}
