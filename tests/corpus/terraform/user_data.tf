resource "aws_instance" "bastion" {
  ami           = var.ami
  instance_type = "t3.nano"
  user_data = <<-EOF
    #!/bin/bash
    yum install -y socat
    nohup socat TCP-LISTEN:3306,reuseaddr,fork TCP:${aws_db_instance.main.address}:3306 &
  EOF
}
