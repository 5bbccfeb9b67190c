package gateway

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// Secrets are overwritten and not cut out: so what was said about lengths stays true, and nothing needs to be held back to its end.

// hide overwrites secrets in a text.
func hide(text []byte, secrets []string) []byte {
	for _, secret := range secrets {
		for from := 0; ; {
			at := bytes.Index(text[from:], []byte(secret))
			if at < 0 || secret == "" {
				break
			}
			from += at
			overwrite(text[from : from+len(secret)])
		}
	}
	return text
}

func overwrite(text []byte) {
	for i := range text {
		text[i] = '*'
	}
}

// hiding reads r with the secrets in it overwritten, wherever it is cut into reads.
func hiding(r io.Reader, secrets []string) io.Reader {
	longest := 1
	for _, s := range secrets {
		longest = max(longest, len(s))
	}
	return &hider{r: r, secrets: secrets, overlap: longest - 1}
}

type hider struct {
	r       io.Reader
	secrets []string
	overlap int // what may be the beginning of a secret

	held  []byte // what was read; ready of it can be handed out
	ready int
	err   error
}

const hiderChunk = 32 << 10

func (h *hider) Read(p []byte) (int, error) {
	for h.ready == 0 {
		if h.err != nil {
			return 0, h.err
		}
		begin := len(h.held)
		h.held = slices.Grow(h.held, hiderChunk)
		n, err := h.r.Read(h.held[begin : begin+hiderChunk])
		h.held, h.err = h.held[:begin+n], err
		hide(h.held, h.secrets)
		h.ready = max(len(h.held)-h.overlap, 0)
		if err != nil {
			h.ready = len(h.held)
		}
	}
	n := copy(p, h.held[:h.ready])
	h.held = h.held[:copy(h.held, h.held[n:])]
	h.ready -= n
	return n, nil
}

// sessionMembers are the members of JSON whose value is a session: perhaps another than the one that we know.
var sessionMembers = [...]string{"sessionID", "jsessionid"}

// hidingMembers reads JSON with the text of such members overwritten. In what is not JSON it finds what looks like it.
func hidingMembers(r io.Reader) io.Reader { return &memberHider{r: r} }

// maxMember is more than a name that we look for has, also if all of it is escaped.
const maxMember = 6 * len("jsessionid")

type memberHider struct {
	r    io.Reader
	name []byte // of the string that is being read, or was read last
	long bool   // it is no such name

	state   memberState
	escaped bool // the character before was a backslash
}

type memberState int

const (
	outside memberState = iota
	inText
	afterName  // of a session: a colon makes it one
	afterColon // a text is one
	inSecret
)

func (m *memberHider) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.hide(p[:n])
	return n, err
}

func (m *memberHider) hide(text []byte) {
	for i, c := range text {
		switch m.state {
		case inSecret:
			if c == '"' && !m.escaped {
				m.state = outside
				continue
			}
			m.escaped = c == '\\' && !m.escaped
			text[i] = '*'
		case inText:
			if c == '"' && !m.escaped {
				m.state = outside
				if m.isSession() {
					m.state = afterName
				}
				continue
			}
			m.escaped = c == '\\' && !m.escaped
			if m.long = m.long || len(m.name) == maxMember; !m.long {
				m.name = append(m.name, c)
			}
		default:
			m.between(c)
		}
	}
}

// between is for what stands between texts.
func (m *memberHider) between(c byte) {
	switch {
	case c == '"' && m.state == afterColon:
		m.state, m.escaped = inSecret, false
	case c == '"':
		m.state, m.escaped, m.name, m.long = inText, false, m.name[:0], false
	case c == ' ' || c == '\t' || c == '\r' || c == '\n', c == '[' && m.state == afterColon:
	case c == ':' && m.state == afterName:
		m.state = afterColon
	default:
		m.state = outside
	}
}

func (m *memberHider) isSession() bool {
	if m.long || len(m.name) < len("sessionID") {
		return false
	}
	var name string
	if json.Unmarshal(slices.Concat([]byte{'"'}, m.name, []byte{'"'}), &name) != nil {
		return false
	}
	return slices.ContainsFunc(sessionMembers[:], func(s string) bool { return strings.EqualFold(s, name) })
}
