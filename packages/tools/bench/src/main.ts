console.log('nothing here yet');
