{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {
    devShells.x86_64-linux.default = pkgs.mkShell {
      packages = with pkgs; [ socat jq curl ];
      shellHook = ''
        # socat TCP-LISTEN:80,fork TCP:web:80
        ${pkgs.socat}/bin/socat -V
      '';
    };
  };
}
