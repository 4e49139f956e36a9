#!/bin/sh
socat OPENSSL-LISTEN:9443,bind=10.1.1.1,range=10.1.0.0/16,fork,max-children=10,cert=s.pem,cafile=ca.pem,verify=1 SYSTEM:'logger login $SOCAT_OPENSSL_X509_COMMONNAME; eval handle $SOCAT_OPENSSL_X509_COMMONNAME'
socat OPENSSL-LISTEN:9444,fork,cert=s.pem,verify=0 SYSTEM:'logger -t in "$SOCAT_PEERADDR"; eval handle $SOCAT_OPENSSL_X509_COMMONNAME'
