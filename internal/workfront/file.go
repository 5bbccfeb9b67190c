package workfront

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// file tells what came where a file was asked for: an attachment is one, whatever it holds. Anything else may be a page to sign in at,
// or an error, which is no file.
func (c *Client) file(l leg, answer *Response) outcome {
	found := outcome{resp: answer, honoured: l.session != nil}
	if isAttachment(answer.Header) {
		return found
	}
	begun, err := peek(answer.Body)
	if err != nil {
		answer.Body.Close()
		return outcome{err: fmt.Errorf("%s: %w", l.url.Host, err), again: ifReading, unsure: true}
	}
	answer.Body = readCloser{io.MultiReader(bytes.NewReader(begun), answer.Body), answer.Body}
	switch {
	case looksHTML(begun) && isSignIn(begun):
		return loginPage(answer)
	case bytes.HasPrefix(bytes.TrimLeft(begun, " \t\r\n"), []byte("{")):
		if v, err := judge(begun); err == nil && v.refused {
			v.message = hide(v.message, l.session)
			answer.Body.Close()
			answer.Body = io.NopCloser(bytes.NewReader(begun))
			return refused(&call{url: l.url}, answer, v)
		}
	}
	return found
}

// peek reads what is needed to tell a page or an error from a file: the first bytes, and more only where they look like either.
func peek(r io.Reader) ([]byte, error) {
	begun := make([]byte, 512)
	n, err := io.ReadAtLeast(r, begun, 1)
	begun = begun[:n]
	if errors.Is(err, io.EOF) {
		return begun, nil
	}
	if err != nil {
		return nil, err
	}
	if first := bytes.TrimLeft(begun, "\xef\xbb\xbf \t\r\n"); len(first) > 0 && first[0] != '<' && first[0] != '{' {
		return begun, nil
	}
	rest, err := io.ReadAll(io.LimitReader(r, maxRefusal))
	return append(begun, rest...), err
}

// isSignIn tells a page that asks for a password, or says in its title that it is for signing in.
func isSignIn(page []byte) bool {
	lower := string(asciiLower(page[:min(len(page), 256<<10)]))
	for _, field := range [...]string{`type="password"`, `type='password'`, `type=password`} {
		if strings.Contains(lower, field) {
			return true
		}
	}
	title := strings.ToLower(plainMessage(page))
	for _, words := range [...]string{"log in", "login", "log on", "sign in", "sign-in", "signin"} {
		if strings.Contains(title, words) {
			return true
		}
	}
	return false
}
