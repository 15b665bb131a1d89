// Package server hands out artifacts over HTTP.
package server

import (
	"context"
	"net/http"
	"time"

	"github.com/fluxcd/pkg/artifact/config"
)

// Start serves the folder of the artifacts until the context ends.
func Start(ctx context.Context, options *config.Options) error {
	files := http.Server{
		Addr:              options.StorageAddress,
		Handler:           http.FileServer(http.Dir(options.StoragePath)),
		ReadHeaderTimeout: 5 * time.Second,
	}
	context.AfterFunc(ctx, func() { files.Close() })
	if err := files.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}
