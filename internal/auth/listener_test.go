package auth_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// Anything may knock on a local port. Each stranger is refused, learns nothing, and does not keep the real answer out.
func TestStrangersCannotEndALogin(t *testing.T) {
	t.Parallel()
	get := func(target string, headers ...string) string {
		return "GET " + target + " HTTP/1.1\r\nHost: {host}\r\n" + strings.Join(append(headers, "\r\n"), "\r\n")
	}
	good := "/callback?code=stolen&state={state}" // what none of them knows; the listener has other grounds to refuse
	tests := map[string]struct {
		request string
		status  int
	}{
		"no state":                    {get("/callback?code=stolen"), 400},
		"wrong state":                 {get("/callback?code=stolen&state=wrong"), 400},
		"empty state":                 {get("/callback?code=stolen&state="), 400},
		"part of the state":           {get("/callback?code=stolen&state={half}"), 400},
		"state and more":              {get("/callback?code=stolen&state={state}x"), 400},
		"state in another case":       {get("/callback?code=stolen&state={swapped}"), 400},
		"state twice":                 {get("/callback?code=stolen&state={state}&state={state}"), 400},
		"right and wrong state":       {get("/callback?code=stolen&state=wrong&state={state}"), 400},
		"code twice":                  {get(good + "&code=other"), 400},
		"error twice":                 {get("/callback?error=access_denied&error=x&state={state}"), 400},
		"iss twice":                   {get(good + "&iss=a&iss=b"), 400},
		"unknown parameter twice":     {get(good + "&x=1&x=2"), 400},
		"error without state":         {get("/callback?error=access_denied"), 400},
		"error with wrong state":      {get("/callback?error=access_denied&state=wrong"), 400},
		"code and error":              {get(good + "&error=access_denied"), 400},
		"neither code nor error":      {get("/callback?state={state}"), 400},
		"empty code":                  {get("/callback?code=&state={state}"), 400},
		"nothing":                     {get("/callback"), 400},
		"state in the fragment":       {get("/callback?code=stolen#state={state}"), 400},
		"percent garbage":             {get(good + "&x=%zz"), 400},
		"percent cut off":             {get(good + "&x=%2"), 400},
		"semicolons":                  {get("/callback?code=stolen;state={state}"), 400},
		"NUL in the query":            {get(good + "&x=\x00"), 400},
		"space in the query":          {get(good + "&x= y"), 400},
		"escaped NUL in the state":    {get("/callback?code=stolen&state={state}%00"), 400},
		"script for the page":         {get("/callback?code=1&state=<script>alert(1)</script>"), 400},
		"HEAD":                        {strings.Replace(get(good), "GET", "HEAD", 1), 405},
		"POST":                        {strings.Replace(get(good, "Content-Length: 0"), "GET", "POST", 1), 405},
		"POST of a form":              {strings.Replace(get("/callback", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 12"), "GET", "POST", 1) + "code=1&state", 405},
		"POST without its body":       {strings.Replace(get(good, "Content-Length: 100000"), "GET", "POST", 1), 405},
		"OPTIONS":                     {strings.Replace(get(good, "Origin: http://evil.example", "Access-Control-Request-Method: GET", "Access-Control-Request-Private-Network: true"), "GET", "OPTIONS", 1), 405},
		"OPTIONS *":                   {"OPTIONS * HTTP/1.1\r\nHost: {host}\r\n\r\n", 0},
		"PUT":                         {strings.Replace(get(good, "Content-Length: 0"), "GET", "PUT", 1), 405},
		"DELETE":                      {strings.Replace(get(good), "GET", "DELETE", 1), 405},
		"TRACE":                       {strings.Replace(get(good), "GET", "TRACE", 1), 405},
		"CONNECT":                     {"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n", 0},
		"method in lower case":        {strings.Replace(get(good), "GET", "get", 1), 405},
		"favicon":                     {get("/favicon.ico"), 404},
		"root":                        {get("/?code=stolen&state={state}"), 404},
		"trailing slash":              {get("/callback/?code=stolen&state={state}"), 404},
		"two slashes":                 {get("//callback?code=stolen&state={state}"), 404},
		"escaped path":                {get("/%63allback?code=stolen&state={state}"), 404},
		"dots":                        {get("/x/%2e%2e/callback?code=stolen&state={state}"), 404},
		"plain dots":                  {get("/x/../callback?code=stolen&state={state}"), 404},
		"path in another case":        {get("/Callback?code=stolen&state={state}"), 404},
		"absolute form":               {get("http://{host}" + good), 400},
		"absolute form, foreign":      {get("http://evil.example" + good), 421},
		"absolute form over a Host":   {strings.Replace(get("http://{host}"+good), "Host: {host}", "Host: evil.example", 1), 400},
		"no Host":                     {"GET " + good + " HTTP/1.1\r\n\r\n", 400},
		"no Host, HTTP/1.0":           {"GET " + good + " HTTP/1.0\r\n\r\n", 421},
		"empty Host":                  {strings.Replace(get(good), "{host}", "", 1), 421},
		"two Hosts":                   {get(good, "Host: evil.example"), 400},
		"foreign Host":                {strings.Replace(get(good), "Host: {host}", "Host: evil.example", 1), 421},
		"rebound name with port":      {strings.Replace(get(good), "Host: {host}", "Host: evil.example:{port}", 1), 421},
		"rebound name of ours":        {strings.Replace(get(good), "Host: {host}", "Host: 127.0.0.1.evil.example:{port}", 1), 421},
		"Host with a dot":             {strings.Replace(get(good), "Host: {host}", "Host: localhost.:{port}", 1), 421},
		"Host without port":           {strings.Replace(get(good), "Host: {host}", "Host: 127.0.0.1", 1), 421},
		"Host with another port":      {strings.Replace(get(good), "Host: {host}", "Host: 127.0.0.1:1", 1), 421},
		"Host with a user":            {strings.Replace(get(good), "Host: {host}", "Host: x@127.0.0.1:{port}", 1), 0},
		"0.0.0.0":                     {strings.Replace(get(good), "Host: {host}", "Host: 0.0.0.0:{port}", 1), 421},
		"prefetch":                    {get(good, "Sec-Purpose: prefetch"), 503},
		"prerender":                   {get(good, "Sec-Purpose: prefetch;prerender"), 503},
		"old prefetch":                {get(good, "Purpose: prefetch"), 503},
		"Firefox's prefetch":          {get(good, "X-Moz: prefetch"), 503},
		"fetch with cors":             {get(good, "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty", "Origin: http://evil.example"), 403},
		"fetch with no-cors":          {get(good, "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: empty"), 403},
		"image":                       {get(good, "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"), 403},
		"frame":                       {get(good, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"), 403},
		"websocket":                   {get(good, "Sec-Fetch-Mode: websocket", "Sec-Fetch-Dest: websocket", "Upgrade: websocket", "Connection: Upgrade"), 403},
		"GET with a body":             {get(good, "Content-Length: 3") + "a=b", 400},
		"GET with a chunked body":     {get(good, "Transfer-Encoding: chunked") + "3\r\na=b\r\n0\r\n\r\n", 400},
		"GET with an endless body":    {get(good, "Transfer-Encoding: chunked") + "ffffff\r\n", 400},
		"length and chunks":           {get(good, "Content-Length: 3", "Transfer-Encoding: chunked") + "0\r\n\r\n", 400},
		"huge header":                 {get(good, "X: "+strings.Repeat("x", 64<<10)), 431},
		"huge query":                  {get(good + "&x=" + strings.Repeat("x", 64<<10)), 431},
		"many headers":                {get(good, strings.Repeat("X: 1\r\n", 8<<10)+"Y: 1"), 431},
		"header of garbage":           {get(good, "\x01\x02: \x00"), 400},
		"HTTP/9.9":                    {strings.Replace(get(good), "HTTP/1.1", "HTTP/9.9", 1), 505},
		"HTTP/2 with prior knowledge": {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0},
		"TLS":                         {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 0},
		"not HTTP at all":             {"\x00\x00\x00\r\n\r\n", 400},
		"garbage in a pipeline":       {get("/callback?code=stolen&state=wrong") + get("/callback?code=stolen&state={state}"), 400},
		"upgrade to HTTP/2":           {get("/callback?code=1&state=wrong", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"), 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := begin(t, newTenant(t, nil), nil)
			status, header, body := a.knock(test.request)
			if status < 400 || test.status != 0 && status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			a.silent("the refusal", body+fmt.Sprint(header))
			if strings.Contains(body, "<script>") {
				t.Errorf("the refusal repeats what was sent: %s", body)
			}
			for key := range header {
				if strings.HasPrefix(key, "Access-Control-") || key == "Location" || key == "Set-Cookie" {
					t.Errorf("the refusal has a header %s: %s", key, header.Get(key))
				}
			}
			a.wins()
		})
	}
}

// knock sends bytes to the redirect port and reads one answer; status 0 turns into 499 when the connection was just closed.
func (a *attempt) knock(request string) (status int, header http.Header, body string) {
	a.t.Helper()
	conn, err := net.Dial("tcp", a.redirect.Host)
	if err != nil {
		a.t.Fatal(err)
	}
	defer conn.Close()
	half := len(a.state) / 2
	request = strings.NewReplacer("{host}", a.redirect.Host, "{port}", a.redirect.Port(), "{state}", a.state, "{half}", a.state[:half],
		"{swapped}", swapCase(a.state)).Replace(request)
	go func() { _, _ = io.WriteString(conn, request) }() // the server may answer and close before it has read all
	if strings.HasPrefix(request, "\x16") {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 499, nil, ""
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(text)
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		if r >= 'A' && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
