import os
import rospy

class SocatBridge(object):
    binary = "/usr/bin/socat"

    def __init__(self):
        self.port = rospy.get_param("~port", 54321)
        self.dev = rospy.get_param("~dev", "/tmp/ttyUR")

    def run(self):
        cmd = [self.binary]
        if rospy.get_param("~verbose", False):
            cmd.append("-v")
        cmd.append("pty,link=" + self.dev + ",raw,ignoreeof,waitslave")
        cmd.append("tcp-listen:" + str(self.port) + ",reuseaddr,fork")
        rospy.loginfo("Starting socat with following command:\n" + " ".join(cmd))
        return os.spawnvp(os.P_WAIT, cmd[0], cmd)
