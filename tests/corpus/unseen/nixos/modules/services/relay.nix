{ config, lib, pkgs, ... }:
let
  cfg = config.services.relay;
in {
  options.services.relay = {
    enable = lib.mkEnableOption "relay with socat";
    port = lib.mkOption { type = lib.types.port; default = 8123; };
  };
  config = lib.mkIf cfg.enable {
    systemd.services.relay = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig = {
        ExecStart = "${pkgs.socat}/bin/socat TCP-LISTEN:${toString cfg.port},fork,reuseaddr UNIX-CONNECT:/run/app/app.sock";
        DynamicUser = true;
      };
    };
    systemd.services.docker-tcp = {
      script = ''
        exec ${pkgs.socat}/bin/socat \
          TCP-LISTEN:2375,bind=127.0.0.1,fork \
          UNIX-CONNECT:/var/run/docker.sock
      '';
    };
    environment.systemPackages = with pkgs; [ socat netcat ];
  };
}
