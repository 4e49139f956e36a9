require "open3"

port = ENV.fetch("PORT", "8080")
out = `echo "show info" | socat stdio /tmp/haproxy.sock`
system("socat", "TCP-LISTEN:#{port},fork", "TCP:localhost:3000")
spawn("socat -u UDP-RECV:9999 CREATE:/tmp/udp.log")
Open3.popen3("socat - OPENSSL:#{ENV['HOST']}:443,verify=0") { |i, o, *_| i.puts out; o.read }
