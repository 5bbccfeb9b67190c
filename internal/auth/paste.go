package auth

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// pasteWait is how long a pasted address is held: a terminal may deliver it in several lines, the first of which could pass
// for the whole, and a code that was cut is spent for nothing.
const pasteWait = 300 * time.Millisecond

// pasting takes the redirect URL that a person copied from a browser, maybe on another machine: with what surrounds it there,
// and in pieces.
type pasting struct {
	expect   expectation
	redirect redirect
	notice   func(string)

	text    string // what was pasted so far
	answer  callback
	err     error // why text is not the answer
	pending bool  // nothing was said about text yet
	refused string
}

// add takes a line. The caller calls settle once pasteWait has passed without another.
func (p *pasting) add(line string) (answer callback, settled bool) {
	line = bare(line)
	if line == "" {
		return callback{}, false
	}
	if p.text != "" && !isAddress(line) {
		p.text += line
	} else {
		if answer, settled = p.settle(); settled {
			return answer, true // what follows a whole address is another paste
		}
		p.text = line
	}
	p.answer, p.err = p.expect.pasted(p.text, p.redirect)
	p.pending = true
	return callback{}, false
}

// settle says what became of what was pasted, if anything is there that nobody was told about.
func (p *pasting) settle() (answer callback, settled bool) {
	if !p.pending {
		return callback{}, false
	}
	p.pending = false
	if p.err == nil {
		return p.answer, true
	}
	why := p.err.Error()
	if errors.Is(p.err, errPasteNoState) && p.refused == p.text {
		why = "it has no state this time either; if this tenant never sends it back, log in with --allow-missing-state"
	}
	p.notice("what was pasted is not the answer: " + why)
	p.refused = p.text
	if !strings.HasPrefix(p.text, p.redirect.scheme+"://") {
		p.text = "" // nothing that a second piece could complete
	}
	return callback{}, false
}

var (
	errPasteNoState = errors.New("it has no state, so it is not whole: paste all of it, on one line")
	errPasteCut     = errors.New("it was cut off: paste all of it, on one line")
)

// pasted judges a text as the redirect URL of this login.
func (e expectation) pasted(text string, r redirect) (callback, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return callback{}, errors.New("not a URL; the whole address is wanted, as it stands in the browser after the login")
	}
	if !r.is(u) {
		return callback{}, fmt.Errorf("not this login's redirect URL, which begins with %s", r.text)
	}
	if slices.Contains(terminalLines[:], len(text)) {
		return callback{}, errPasteCut
	}
	answer, err := e.read(u.RawQuery)
	switch given := u.Query().Get("state"); {
	case err != nil && given == "":
		return answer, errPasteNoState
	case errors.Is(err, errWrongState) && given != "" && strings.HasPrefix(e.state, given):
		return answer, errPasteCut
	}
	return answer, err
}

// terminalLines are where the line mode of Linux and of macOS cut. They are not read in it, but a program between may be.
var terminalLines = [...]int{1023, 4095}

func isAddress(text string) bool {
	lower := strings.ToLower(text[:min(len(text), 8)])
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}

// bare takes off what comes along with a copied address: the terminal's marks around a paste, blanks, quotes, <…>.
func bare(line string) string {
	line = strings.NewReplacer("\x1b[200~", "", "\x1b[201~", "").Replace(line)
	return strings.Trim(line, " \t\r\n\u00a0\u200b\ufeff\"'`<>“”‘’«»")
}
