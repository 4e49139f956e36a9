"""Console of an instance (part of the hypervisor)."""
import os

from ganeti import constants, utils


class KVMHypervisor:
    """KVM hypervisor interface."""

    _SOCAT_ESCAPE = "0x1d"

    @classmethod
    def _SerialConsoleParams(cls):
        if constants.SOCAT_USE_ESCAPE:
            return "raw,echo=0,escape=%s" % cls._SOCAT_ESCAPE
        return "echo=0,icanon=0"

    @classmethod
    def _CallMonitorCommand(cls, instance_name, command):
        """Invoke a command on the instance monitor."""
        socat = "echo %s | %s STDIO UNIX-CONNECT:%s" % (
            utils.ShellQuote(command),
            constants.SOCAT_PATH,
            utils.ShellQuote(cls._InstanceMonitor(instance_name)),
        )
        return utils.RunCmd(socat)

    def GetInstanceConsole(self, instance):
        cmd = [constants.SOCAT_PATH, "STDIO,%s" % self._SerialConsoleParams(),
               "UNIX-CONNECT:%s" % self._InstanceSerial(instance.name)]
        return cmd
