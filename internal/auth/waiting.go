package auth

import (
	"net"
	"net/url"
	"strings"
)

// Waiting is a login that waits for its answer.
type Waiting struct {
	AuthorizeURL string // to show; it holds the state, which is a secret
	OpenURL      string // for a browser's launcher, whose arguments others can read; empty where there is none
	Redirect     string // where the answer comes
	Host, Port   string // of the redirect, as far as it is on this machine; else empty
	OwnTLS       bool   // the browser will ask about a certificate that was made for this login
}

// waiting names what leads to the answer; from here on the launcher's address leads to the authorize URL.
func (l *Login) waiting(ln *listener, state, verifier string) Waiting {
	r := ln.redirect
	w := Waiting{AuthorizeURL: l.authorizeURL(r, state, verifier), Redirect: r.text, OpenURL: ln.opens(l.authorizeURL(r, state, verifier))}
	if !r.remote {
		w.Host, w.Port, w.OwnTLS = r.host, r.port, r.scheme == "https" && l.Certificate == nil
	}
	return w
}

func (l *Login) authorizeURL(r redirect, state, verifier string) string {
	query := url.Values{
		"client_id":     {l.App.ID},
		"redirect_uri":  {r.text},
		"response_type": {"code"},
		"state":         {state},
	}
	if !l.NoPKCE {
		query.Set("code_challenge", challenge(verifier))
		query.Set("code_challenge_method", "S256")
	}
	return l.App.Origin + authorizePath + "?" + query.Encode()
}

// ForwardCommand is the ready line for a person on another machine: it brings their browser's redirect here. connection is
// SSH_CONNECTION, whose third and fourth words are this machine as they reach it; empty is the answer to any other.
func (w Waiting) ForwardCommand(user, connection string) string {
	words := strings.Fields(connection)
	if len(words) != 4 || w.Port == "" {
		return ""
	}
	host := w.Host
	if host == "localhost" {
		host = "127.0.0.1"
	}
	command := "ssh -N "
	if words[3] != "22" {
		command += "-p " + words[3] + " "
	}
	here := w.Port + ":" + net.JoinHostPort(host, w.Port)
	if host != "127.0.0.1" {
		here = net.JoinHostPort(host, w.Port) + ":" + net.JoinHostPort(host, w.Port) // the browser looks for it there
	}
	if user != "" {
		user += "@"
	}
	return command + "-L " + here + " " + user + words[2]
}
