// Command reverseproxy is net/http/httputil.ReverseProxy, set up as well as its documentation allows: a large pool of
// idle upstream connections, pooled copy buffers, no compression, TLS sessions kept, a garbage collector that runs
// seldom. It does for each request what the other proxies of the benchmark do.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// options are the command line.
type options struct {
	plainListen, tlsListen     string
	plainUpstream, tlsUpstream string
	ca, serverName             string
	localPath, upstreamPath    string
	apiKey, token              string
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "reverseproxy:", err)
		os.Exit(1)
	}
}

func run() error {
	debug.SetGCPercent(400)
	o := parse()
	roots, err := os.ReadFile(o.ca)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(roots)
	transport := o.transport(pool)
	failed := make(chan error, 2)
	go func() { failed <- o.serve(o.plainListen, "http", o.plainUpstream, transport) }()
	go func() { failed <- o.serve(o.tlsListen, "https", o.tlsUpstream, transport) }()
	return <-failed
}

func parse() *options {
	o := new(options)
	for name, value := range map[string]*string{
		"plain-listen": &o.plainListen, "tls-listen": &o.tlsListen,
		"plain-upstream": &o.plainUpstream, "tls-upstream": &o.tlsUpstream,
		"ca": &o.ca, "server-name": &o.serverName,
		"local-path": &o.localPath, "upstream-path": &o.upstreamPath,
		"api-key": &o.apiKey, "token": &o.token,
	} {
		flag.StringVar(value, name, "", "see the benchmark")
	}
	flag.Parse()
	return o
}

func (o *options) transport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		MaxIdleConnsPerHost:   1024,
		IdleConnTimeout:       75 * time.Second,
		ResponseHeaderTimeout: 60 * time.Second,
		TLSHandshakeTimeout:   5 * time.Second,
		DisableCompression:    true,
		WriteBufferSize:       8 << 10,
		ReadBufferSize:        32 << 10,
		TLSClientConfig: &tls.Config{
			RootCAs:            roots,
			ServerName:         o.serverName,
			MinVersion:         tls.VersionTLS12,
			ClientSessionCache: tls.NewLRUClientSessionCache(1024),
		},
	}
}

func (o *options) serve(listen, scheme, upstream string, transport *http.Transport) error {
	target := &url.URL{Scheme: scheme, Host: upstream}
	authorization := []string{"Bearer " + o.token}
	proxy := &httputil.ReverseProxy{
		Transport:  transport,
		BufferPool: &buffers{},
		ErrorLog:   log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = target.Scheme, target.Host, ""
			r.Out.URL.Path = o.upstreamPath + strings.TrimPrefix(r.In.URL.Path, o.localPath)
			r.Out.URL.RawPath = ""
			r.Out.URL.RawQuery += "&api_key=" + o.apiKey
			r.Out.Header["Authorization"] = authorization
		},
	}
	server := &http.Server{
		Addr:              listen,
		Handler:           o.only(proxy),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       75 * time.Second,
	}
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// only answers 404 outside the path that is forwarded.
func (o *options) only(next http.Handler) http.HandlerFunc {
	prefix := o.localPath + "/"
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, prefix) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// buffers lends the proxy its copy buffers.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return *p
	}
	return make([]byte, 64<<10)
}

func (b *buffers) Put(p []byte) { b.pool.Put(&p) }
