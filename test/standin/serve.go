package standin

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// options are the flags of a stand-in's program.
type options struct {
	keys  string
	http  string
	https string
	cert  string
	key   string
}

// Main is the program of the stand-in of that name: it serves over HTTP and,
// given a certificate, HTTPS until it is interrupted. It returns the exit code.
func Main(name string, service func(Keys) http.Handler) int {
	var opts options
	flag.StringVar(&opts.keys, "keys", "/etc/"+name+"/keys", "file of valid keys, one a line, read anew for each request")
	flag.StringVar(&opts.http, "http", ":8080", "address for HTTP")
	flag.StringVar(&opts.https, "https", ":8443", "address for HTTPS, used where a certificate is given")
	flag.StringVar(&opts.cert, "tls-cert", "", "certificate file for HTTPS")
	flag.StringVar(&opts.key, "tls-key", "", "key file for HTTPS")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	keys := KeysIn(opts.keys)
	if err := serve(ctx, opts, BadDays(keys, service(keys))); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, opts options, handler http.Handler) error {
	plain := &http.Server{Addr: opts.http, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	secure := &http.Server{Addr: opts.https, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 2)
	go func() { ended <- plain.ListenAndServe() }()
	if opts.cert != "" {
		go func() { ended <- secure.ListenAndServeTLS(opts.cert, opts.key) }()
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return errors.Join(plain.Shutdown(ctx), secure.Shutdown(ctx))
	}
}
